"""Text of `msgen.yaml` in, validated `Description` out.

Reports every problem at once, each with its line and a hint; edits the file without reformatting it.
"""
