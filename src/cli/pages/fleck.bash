# Completions of fleck for bash. Made by scripts/pages.mjs of what fleck --help says.
_fleck() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W 'inspect train score eval verify backbones convert info extract watch --help --version' -- "$word"))
        return
    fi
    case $command:$before in
    inspect:-o | inspect:--out) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--save) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--threshold) :; return ;;
    inspect:--smallest-area) :; return ;;
    inspect:--area) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--area-follows) :; return ;;
    inspect:--marks) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--coco) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--regions) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--report) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--by) :; return ;;
    inspect:--title) :; return ;;
    inspect:--mm-per-pixel) :; return ;;
    inspect:--fail-on) COMPREPLY=($(compgen -W 'defect look' -- "$word")); return ;;
    inspect:--backbone) COMPREPLY=($(compgen -f -- "$word")); return ;;
    inspect:--method) COMPREPLY=($(compgen -W 'irmb ensemble knn musc mahalanobis softpatch l2bt simplenet paper' -- "$word")); return ;;
    inspect:--recipe) COMPREPLY=($(compgen -W 'fleck paper paper-synthetic' -- "$word")); return ;;
    inspect:--iterations) :; return ;;
    inspect:--learn-most) :; return ;;
    inspect:--preset) COMPREPLY=($(compgen -W 'fit funad' -- "$word")); return ;;
    inspect:--input) :; return ;;
    inspect:--tiles) :; return ;;
    inspect:--blocks) :; return ;;
    inspect:--seed) :; return ;;
    inspect:--precision) COMPREPLY=($(compgen -W 'i16 f32 i8' -- "$word")); return ;;
    inspect:--threads) :; return ;;
    inspect:--kernels) :; return ;;
    inspect:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    train:--save) COMPREPLY=($(compgen -f -- "$word")); return ;;
    train:--threshold) :; return ;;
    train:--smallest-area) :; return ;;
    train:--area) COMPREPLY=($(compgen -f -- "$word")); return ;;
    train:--area-follows) :; return ;;
    train:--marks) COMPREPLY=($(compgen -f -- "$word")); return ;;
    train:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    train:--backbone) COMPREPLY=($(compgen -f -- "$word")); return ;;
    train:--method) COMPREPLY=($(compgen -W 'irmb ensemble knn musc mahalanobis softpatch l2bt simplenet paper' -- "$word")); return ;;
    train:--recipe) COMPREPLY=($(compgen -W 'fleck paper paper-synthetic' -- "$word")); return ;;
    train:--iterations) :; return ;;
    train:--learn-most) :; return ;;
    train:--preset) COMPREPLY=($(compgen -W 'fit funad' -- "$word")); return ;;
    train:--input) :; return ;;
    train:--tiles) :; return ;;
    train:--blocks) :; return ;;
    train:--seed) :; return ;;
    train:--precision) COMPREPLY=($(compgen -W 'i16 f32 i8' -- "$word")); return ;;
    train:--threads) :; return ;;
    train:--kernels) :; return ;;
    train:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    score:-o | score:--out) COMPREPLY=($(compgen -f -- "$word")); return ;;
    score:--threshold) :; return ;;
    score:--smallest-area) :; return ;;
    score:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    score:--coco) COMPREPLY=($(compgen -f -- "$word")); return ;;
    score:--regions) COMPREPLY=($(compgen -f -- "$word")); return ;;
    score:--report) COMPREPLY=($(compgen -f -- "$word")); return ;;
    score:--by) :; return ;;
    score:--title) :; return ;;
    score:--mm-per-pixel) :; return ;;
    score:--fail-on) COMPREPLY=($(compgen -W 'defect look' -- "$word")); return ;;
    score:--backbone) COMPREPLY=($(compgen -f -- "$word")); return ;;
    score:--threads) :; return ;;
    score:--kernels) :; return ;;
    score:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    eval:--scores) COMPREPLY=($(compgen -f -- "$word")); return ;;
    eval:--cache) COMPREPLY=($(compgen -f -- "$word")); return ;;
    eval:--threshold) :; return ;;
    eval:--backbone) COMPREPLY=($(compgen -f -- "$word")); return ;;
    eval:--method) COMPREPLY=($(compgen -W 'irmb ensemble knn musc mahalanobis softpatch l2bt simplenet paper' -- "$word")); return ;;
    eval:--recipe) COMPREPLY=($(compgen -W 'fleck paper paper-synthetic' -- "$word")); return ;;
    eval:--iterations) :; return ;;
    eval:--learn-most) :; return ;;
    eval:--preset) COMPREPLY=($(compgen -W 'fit funad' -- "$word")); return ;;
    eval:--input) :; return ;;
    eval:--tiles) :; return ;;
    eval:--blocks) :; return ;;
    eval:--seed) :; return ;;
    eval:--precision) COMPREPLY=($(compgen -W 'i16 f32 i8' -- "$word")); return ;;
    eval:--threads) :; return ;;
    eval:--kernels) :; return ;;
    eval:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    verify:--model) COMPREPLY=($(compgen -f -- "$word")); return ;;
    verify:--backbone) COMPREPLY=($(compgen -f -- "$word")); return ;;
    verify:--threads) :; return ;;
    verify:--kernels) :; return ;;
    verify:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    backbones:--delete) :; return ;;
    backbones:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    convert:--dtype) COMPREPLY=($(compgen -W 'f32 f16 i8' -- "$word")); return ;;
    convert:--photos) COMPREPLY=($(compgen -f -- "$word")); return ;;
    convert:--preset) COMPREPLY=($(compgen -W 'fit funad' -- "$word")); return ;;
    convert:--input) :; return ;;
    convert:--blocks) :; return ;;
    convert:--threads) :; return ;;
    convert:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    info:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    extract:-o | extract:--out) COMPREPLY=($(compgen -f -- "$word")); return ;;
    extract:--sample-bits) :; return ;;
    extract:--backbone) COMPREPLY=($(compgen -f -- "$word")); return ;;
    extract:--preset) COMPREPLY=($(compgen -W 'fit funad' -- "$word")); return ;;
    extract:--input) :; return ;;
    extract:--tiles) :; return ;;
    extract:--blocks) :; return ;;
    extract:--precision) COMPREPLY=($(compgen -W 'i16 f32 i8' -- "$word")); return ;;
    extract:--threads) :; return ;;
    extract:--kernels) :; return ;;
    extract:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    watch:--threshold) :; return ;;
    watch:--smallest-area) :; return ;;
    watch:--backbone) COMPREPLY=($(compgen -f -- "$word")); return ;;
    watch:--threads) :; return ;;
    watch:--kernels) :; return ;;
    watch:--progress) COMPREPLY=($(compgen -W 'text json' -- "$word")); return ;;
    esac
    case $command:$word in
    inspect:-*) COMPREPLY=($(compgen -W '-o --out --features --save --threshold --smallest-area --area --area-follows --marks --no-heatmaps --masks --json --evidence --coco --regions --report --by --title --mm-per-pixel --fail-on --backbone --method --recipe --iterations --learn-most --preset --input --tiles --blocks --seed --precision --threads --kernels -0 --null --progress -q --quiet -h --help' -- "$word")) ;;
    train:-*) COMPREPLY=($(compgen -W '--features --save --threshold --smallest-area --area --area-follows --marks --json --backbone --method --recipe --iterations --learn-most --preset --input --tiles --blocks --seed --precision --threads --kernels -0 --null --progress -q --quiet -h --help' -- "$word")) ;;
    score:-*) COMPREPLY=($(compgen -W '-o --out --features --no-header --threshold --smallest-area --no-heatmaps --masks --json --coco --regions --report --by --title --mm-per-pixel --fail-on --backbone --threads --kernels -0 --null --progress -q --quiet -h --help' -- "$word")) ;;
    eval:-*) COMPREPLY=($(compgen -W '--check --json --scores --cache --threshold --backbone --method --recipe --iterations --learn-most --preset --input --tiles --blocks --seed --precision --threads --kernels --progress -q --quiet -h --help' -- "$word")) ;;
    verify:-*) COMPREPLY=($(compgen -W '--model --backbone --threads --kernels -0 --null --progress -q --quiet -h --help' -- "$word")) ;;
    backbones:-*) COMPREPLY=($(compgen -W '--delete --progress -q --quiet -h --help' -- "$word")) ;;
    convert:-*) COMPREPLY=($(compgen -W '--dtype --photos --preset --input --blocks --threads -0 --null --progress -q --quiet -h --help' -- "$word")) ;;
    info:-*) COMPREPLY=($(compgen -W '--json --progress -q --quiet -h --help' -- "$word")) ;;
    extract:-*) COMPREPLY=($(compgen -W '-o --out --sample-bits --backbone --preset --input --tiles --blocks --precision --threads --kernels -0 --null --progress -q --quiet -h --help' -- "$word")) ;;
    watch:-*) COMPREPLY=($(compgen -W '--no-header --threshold --smallest-area --backbone --threads --kernels --progress -q --quiet -h --help' -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _fleck fleck
