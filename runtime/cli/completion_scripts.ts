/**
 * What makes a shell ask `omnifs __complete`. All that there is to know is on the other side; a script hands over the
 * words up to the cursor, and takes the candidates as its shell wants them.
 *
 * @module
 */

/** The variable that says how many milliseconds a completion may take. */
export const TIMEOUT_VARIABLE = "OMNIFS_COMPLETION_TIMEOUT";

/** The shells that there are scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of {@linkcode SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** A dollar sign before a brace, which would begin an expression here. */
const D = "$";

/** A backtick, which would end a template. */
const TICK = "\u0060";

const BASH = String.raw`# Completes omnifs in bash 4.3 or newer.
# Prints the word $1 without its quotes.
_omnifs_plain() {
  local word=$1 plain= open= c i
  for ((i = 0; i < ${D}{#word}; i++)); do
    c=${D}{word:i:1}
    if [[ $c == "$open" ]]; then open=
    elif [[ $open == "'" ]]; then plain+=$c
    elif [[ $c == '\' ]]; then plain+=${D}{word:++i:1}
    elif [[ -z $open && $c == [\'\"] ]]; then open=$c
    else plain+=$c
    fi
  done
  printf '%s\n' "$plain"
}
_omnifs() {
  local rest=${D}{COMP_LINE:0:COMP_POINT} raw= word i kind tail
  local -a raws=() words=() lines=()
  # Readline breaks words at = and : where omnifs does not: what no blank parts is one word.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ $i -eq 0 || $rest == [[:blank:]]* ]]; then
      rest=${D}{rest#"${D}{rest%%[![:blank:]]*}"}
      raws+=("")
    fi
    word=${D}{COMP_WORDS[i]}
    ((i == COMP_CWORD)) && word=$rest
    raws[-1]+=$word
    rest=${D}{rest:${D}{#word}}
  done
  for raw in "${D}{raws[@]}"; do words+=("$(_omnifs_plain "$raw")"); done
  mapfile -t lines < <("${D}{words[0]}" __complete -- "${D}{words[@]:1}" 2>/dev/null)
  kind=${D}{lines[0]-}
  # Only what stands behind the last break is replaced.
  word=${D}{words[-1]}
  tail=${D}{word##*[=:]}
  COMPREPLY=()
  case $kind in
    file) mapfile -t COMPREPLY < <(compgen -f -- "$tail"); compopt -o filenames ;;
    dir) mapfile -t COMPREPLY < <(compgen -d -- "$tail"); compopt -o filenames ;;
    *)
      for word in "${D}{lines[@]:1}"; do
        word=${D}{word%%$'\t'*}
        word=${D}{word:${D}{#words[-1]} - ${D}{#tail}}
        # In a quote that is open, what the shell would read otherwise is a character like any other.
        if [[ $raw != [\"\']* ]]; then
          for i in \\ ' ' \" \' '$' '${TICK}' '&' ';' '|' '<' '>' '(' ')' '*' '?' '[' ']' '{' '}' '!' '#' '~'; do
            word=${D}{word//"$i"/"\\$i"}
          done
        fi
        COMPREPLY+=("$word")
      done
      ;;
  esac
  [[ ${D}{#COMPREPLY[@]} -eq 1 && ${D}{COMPREPLY[0]} == */ ]] && compopt -o nospace
  return 0
}
complete -F _omnifs omnifs
`;

const ZSH = String.raw`#compdef omnifs
# Completes omnifs in zsh.
_omnifs() {
  local kind line word
  local -a lines ends shown_ends more shown_more
  lines=("${D}{(@f)$("${D}{(Q)words[1]}" __complete -- "${D}{(@Q)words[2,CURRENT-1]}" "${D}{(Q)PREFIX}" 2>/dev/null)}")
  kind=$lines[1]
  shift lines
  case $kind in
    file|dir)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      if [[ $kind == dir ]]; then _files -/; else _files; fi
      return
      ;;
  esac
  for line in $lines; do
    word=${D}{line%%$'\t'*}
    [[ $line == *$'\t'* ]] && line="$word  ${D}{line#*$'\t'}"
    # A directory goes on.
    if [[ $word == */ ]]; then more+=("$word") shown_more+=("$line"); else ends+=("$word") shown_ends+=("$line"); fi
  done
  (( $#ends )) && compadd -l -d shown_ends -- $ends
  (( $#more )) && compadd -l -S '' -d shown_more -- $more
}
if [[ $funcstack[1] == _omnifs ]]; then _omnifs "$@"; else compdef _omnifs omnifs; fi
`;

const FISH = String.raw`# Completes omnifs in fish.
function __omnifs_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l word (commandline -ct | string unescape)
    set -l lines ($program __complete -- $words "$word" 2>/dev/null)
    set -l kind $lines[1]
    set -e lines[1]
    set -l head (string match -r -- '^--[^=]*=' "$word")
    set -l tail (string replace -r -- '^--[^=]*=' '' "$word")
    switch "$kind"
        case file
            for path in (__fish_complete_path "$tail")
                echo -- "$head$path"
            end
        case dir
            for path in (__fish_complete_directories "$tail")
                echo -- "$head$path"
            end
        case '*'
            for line in $lines
                echo -- $line
            end
    end
end
complete -c omnifs -f -k -a '(__omnifs_complete)'
`;

/** The script of each. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
