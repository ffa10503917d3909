#!/bin/sh
# Prints where GitHub Pages serves chart-index/ of the remote "origin"; nothing where that isn't on GitHub.
url=$(git remote get-url origin 2>/dev/null) || exit 0
printf '%s\n' "$url" |
  sed -nE 's,^(https://([^@/]*@)?|git@|ssh://git@)github\.com[:/]([^/]+)/([^/]+)$,\3 \4,p' |
  while read -r owner name; do
    printf 'https://%s.github.io/%s/chart-index\n' "$(printf %s "$owner" | tr '[:upper:]' '[:lower:]')" "${name%.git}"
  done
