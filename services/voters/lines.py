"""The columns of a line of a voter list, in the order a file's rows are copied into the table."""

COLUMNS = (
    "election", "area", "serial", "household", "full_name", "birth_date", "sex", "ethnicity", "concealed",
    "temporary_since", "address", "na", "pc", "cc", "note",
)  # fmt: skip
