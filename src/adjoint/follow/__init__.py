"""Following: copies of plain Python functions in which every call can be answered by a rule.

Read `converter` for what happens at a call, `replacements` for the answers, `copies` for the copies of
functions, `rewrite` for how their code is changed, and `assembly` for how code is taken apart.
"""
