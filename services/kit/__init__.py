"""The plumbing every service stands on: doors, database, bus, passports, files, metrics, logs. It knows no word of the trade."""
