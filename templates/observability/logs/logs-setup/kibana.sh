#!/bin/sh
# Gives Kibana its view of the logs. Runs at each start; what is saved under other names stays.
set -eu

curl --silent --show-error --fail-with-body --retry 10 --retry-delay 1 --retry-connrefused \
  --user "elastic:$ELASTIC_PASSWORD" --header 'kbn-xsrf: true' --form file=@logs.ndjson \
  --output /dev/null "$KIBANA_URL/api/saved_objects/_import?overwrite=true"
