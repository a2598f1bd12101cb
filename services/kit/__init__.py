"""The plumbing every service stands on: doors, database, bus, passports, files. It knows no word of the trade."""
