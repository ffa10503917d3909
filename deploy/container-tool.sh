#!/bin/sh
# Prints the first of docker, podman and buildah that works here: a docker client without a daemon doesn't.
for tool in docker podman buildah; do
  if "$tool" version >/dev/null 2>&1; then
    echo "$tool"
    exit
  fi
done
