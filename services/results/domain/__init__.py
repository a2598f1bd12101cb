"""The rules of polling day, count records and results: values in, values out."""
