"""What is said of a file whose reader takes more memory or time than it may: the same wherever files are read."""

TOO_MUCH_VI = (
    "mở ra chiếm quá nhiều bộ nhớ hoặc thời gian (thường do có ô ở rất xa bên phải hoặc cuối trang tính: "
    "hãy xoá các cột và dòng thừa)"
)
TOO_MUCH_EN = (
    "it takes too much memory or time to open (mostly for a cell far to the right or at the end of the sheet: "
    "delete the columns and rows that are too many)"
)
