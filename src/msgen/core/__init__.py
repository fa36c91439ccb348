"""What every step shares: errors, names, suggestions, and the rules of output paths.

Depends on nothing else of msgen.
"""
