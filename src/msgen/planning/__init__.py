"""`Description` in, `Plan` out: ports, routes, variables, payloads and replicas resolved.

Templates see only the objects of a plan.
"""
