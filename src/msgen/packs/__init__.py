"""Template folders in, `Pack` out: layers, languages and the Jinja environment.

Also runs starters, which write the first `msgen.yaml`.
"""
