#!/bin/sh
# Install field types and users in Elasticsearch. Runs at each start.
set -eu

ask() {
  answer=$(
    curl --silent --show-error --fail-with-body --retry 10 --retry-delay 1 --retry-connrefused \
      --user "elastic:$ELASTIC_PASSWORD" --header 'Content-Type: application/json' \
      --request "$1" --data "$3" "$ELASTICSEARCH_URL/$2"
  ) || {
    echo "$answer" >&2
    exit 1
  }
}

ask PUT _index_template/system-logs @template.json
ask PUT _security/role/logstash_writer @writer.json
ask PUT _security/user/logstash_writer "{\"password\": \"$LOGSTASH_PASSWORD\", \"roles\": [\"logstash_writer\"]}"
ask POST _security/user/kibana_system/_password "{\"password\": \"$KIBANA_PASSWORD\"}"
