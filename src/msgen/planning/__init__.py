"""`Description` in, `Plan` out: ports, routes, variables, payloads and replicas resolved.

Templates see the objects of a plan and nothing else.
"""
