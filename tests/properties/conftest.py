"""How many random examples are drawn: 300 with the profile of all tests, 10 000 with `--hypothesis-
profile=long`.
"""

from hypothesis import settings

settings.register_profile("long", settings.get_profile("adjoint"), print_blob=True, derandomize=False)
