"""A records recipe from real tables: `sundog recipe from`.

Statistics of the rows are read, exactly and with small groups left out, or as differentially private answers, and written as laws that
anybody can edit. The recipe says of every field what was read for it. No row is kept.
"""
