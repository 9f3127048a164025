#!/usr/bin/env bash
# Compiles the proofs with Debian's coqc into a temporary folder, has coqchk check what was compiled once more (but not Coq's own library), and says of every
# theorem, lemma and example on what it rests. It fails if one rests on anything but Coq itself. Nothing is written into the repository.
set -euo pipefail
cd "$(dirname "$0")"
for tool in coqc coqchk; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "the proofs are NOT checked: $tool is missing (bash tests/setup.sh tests, or apt-get install coq)" >&2
    exit 2
  fi
done
mapfile -t files < <(grep '\.v$' _CoqProject)
listed="$(printf '%s\n' "${files[@]}" | sort)"
[ "$listed" = "$(printf '%s\n' *.v | sort)" ] || { echo "_CoqProject does not list exactly the files that are here" >&2; exit 1; }

# Words that take something for granted. Comments may use them; no comment nests, and none holds a string.
taken_for_granted='\b(Axioms?|Parameters?|Conjectures?|Admitted|admit|give_up|Abort|bypass_check|Unset +(Guard|Positivity|Universe) +Checking)\b'
for file in "${files[@]}"; do
  if perl -0pe 's/\(\*.*?\*\)//gs' "$file" | grep -nE "$taken_for_granted" >&2; then
    echo "$file takes something for granted" >&2
    exit 1
  fi
done

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cp -- *.v "$folder"
cd "$folder"
for file in "${files[@]}"; do
  coqc -q -Q . Leverframe "$file"
done

# Every theorem, lemma and example, by its full name: those in `Module M` are M's.
names() {
  awk '
    /^Module /  { module = $2; sub(/\.$/, "", module) }
    /^End /     { if ($2 == module ".") module = "" }
    /^(Theorem|Lemma|Example) / { name = $2; sub(/:.*/, "", name); print (module == "" ? "" : module ".") name }
  ' "$1"
}
for file in "${files[@]}"; do names "$file" | sed "s/^/$file /"; done >asked
[ -s asked ] || { echo "there is no theorem" >&2; exit 1; }
# One question for all of them, which is quicker: what rests on nothing together does so one by one.
{
  for file in "${files[@]}"; do echo "Require Leverframe.${file%.v}."; done
  echo "Definition all : True :="
  while read -r file name; do echo "  let _ := @Leverframe.${file%.v}.${name} in"; done <asked
  echo "  I."
  echo "Print Assumptions all."
} >Ask.v
coqc -q -Q . Leverframe Ask.v >answer
[ "$(cat answer)" = "Closed under the global context" ] || { echo "what the theorems rest on:" >&2; cat answer >&2; exit 1; }
while read -r file name; do echo "$file $name: closed under the global context"; done <asked
modules=()
for file in "${files[@]}"; do modules+=(-norec "Leverframe.${file%.v}"); done
coqchk -silent -Q . Leverframe "${modules[@]}" >checked 2>&1 || { cat checked >&2; exit 1; }
echo "$(wc -l <asked) theorems, lemmas and examples in ${#files[@]} files rest on nothing but Coq"
