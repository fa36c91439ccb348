"""Run a generated system as processes of this machine, without containers.

In: the repository's own files (`compose.yaml`, `.env`, the gateway's configuration), and the table `dev.yaml` of each
pack, which maps containers to programs. Out: supervised processes, and their state and logs in `.msgen/dev`.
"""
