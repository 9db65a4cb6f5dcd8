"""Lists to take home: the records behind a number as a workbook or as text with separators."""
