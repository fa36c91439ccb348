#!/bin/sh
# Import definitions.json into the broker, with passwords from the environment. Runs at each start: existing queues and
# their messages stay, policies, passwords and permissions are set anew.
set -eu
umask 077
awk '{
  while (match($0, /\$\{[A-Z0-9_]+\}/))
    $0 = substr($0, 1, RSTART - 1) ENVIRON[substr($0, RSTART + 2, RLENGTH - 3)] substr($0, RSTART + RLENGTH)
  print
}' /definitions.json >/tmp/definitions.json
exec rabbitmqctl --quiet import_definitions /tmp/definitions.json
