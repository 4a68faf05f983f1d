#include "options.h"

#include "decoders.h"

#include <stdio.h>
#include <string.h>

enum {
    INSPECT = 1 << CLI_INSPECT,
    TRAIN = 1 << CLI_TRAIN,
    SCORE = 1 << CLI_SCORE,
    EVAL = 1 << CLI_EVAL,
    VERIFY = 1 << CLI_VERIFY,
    BACKBONES = 1 << CLI_BACKBONES,
    CONVERT = 1 << CLI_CONVERT,
    INFO = 1 << CLI_INFO,
    EXTRACT = 1 << CLI_EXTRACT,
    WATCH = 1 << CLI_WATCH,
    PROPOSE_AREA = 1 << CLI_PROPOSE_AREA,
    LEARN = INSPECT | TRAIN | EVAL,
    LOOK = LEARN | EXTRACT | PROPOSE_AREA,
    PHOTOS = LOOK | SCORE | VERIFY | WATCH,
    ALL = PHOTOS | BACKBONES | CONVERT | INFO
};

const cli_option cli_options[] = {
    {'o', "out", "OUT", INSPECT,
     "folder for scores.csv and heatmaps/; made when absent\n(default: ./out)"},
    {'o', "out", "OUT", SCORE,
     "folder for scores.csv and heatmaps/; made when absent\n"
     "(default: the CSV on standard output, no heatmaps)"},
    {'o', "out", "FILE", EXTRACT, "file that receives the features (required)"},
    {CLI_OPT_FEATURES, "features", NULL, INSPECT | TRAIN | SCORE,
     "the photos are those of files that 'fleck extract' wrote, FILE...\n"
     "in place of photos and folders: as if all were in one folder, in\n"
     "any order of the files. Backbone, preset, input, tiles, blocks\n"
     "and precision are theirs; no heatmaps are drawn"},
    {CLI_OPT_NO_HEADER, "no-header", NULL, SCORE | WATCH,
     "no first line with the names of the columns, so that CSVs of\n"
     "several runs follow each other; of score without -o"},
    {CLI_OPT_SAMPLE_BITS, "sample-bits", "N", EXTRACT,
     "read photos of 16 bits as of N bits, 8 to 16, the most that any\n"
     "photo of all the files has (default: of these photos)"},
    {CLI_OPT_SAVE, "save", "MODEL", INSPECT,
     "also keep what was learnt in the file MODEL, or - for standard\n"
     "output"},
    {CLI_OPT_SAVE, "save", "MODEL", TRAIN,
     "file that receives what was learnt, or - for standard output\n"
     "(required)"},
    {CLI_OPT_CHECK, "check", NULL, EVAL, "say how the data set is read, and measure nothing"},
    {CLI_OPT_JSON, "json", NULL, EVAL | INFO, "print exactly one JSON object on standard output"},
    {CLI_OPT_SCORES, "scores", "FILE", EVAL,
     "also write the score of every photo learnt from or tested, as\n"
     "CSV: set (train, test), file, score, verdict, defective\n"
     "(1, 0; empty for train)"},
    {CLI_OPT_CACHE, "cache", "DIR", EVAL,
     "keep the photos' features in DIR, made when absent: the next\n"
     "run that reads the same photos the same way finds them there"},
    {CLI_OPT_THRESHOLD, "threshold", "T", LEARN | SCORE | WATCH,
     "call scores from T on defects, above 0 and 1 at most; verdicts\n"
     "change, scores do not, and a model keeps it (default: 0.5, or\n"
     "the model's)"},
    {CLI_OPT_SMALLEST_AREA, "smallest-area", "PERCENT", INSPECT | TRAIN | SCORE | WATCH,
     "of a photo's area: regions below it do not count, and a photo\n"
     "that has no other deserves a look, whatever its score; a model\n"
     "keeps it (default: 0, or the model's)"},
    {CLI_OPT_AREA, "area", "FILE", INSPECT | TRAIN,
     "area of interest of all photos, which are aligned: what lies\n"
     "outside counts nowhere; a model keeps it. FILE is a mask in the\n"
     "shape of the photos, white inside, or polygons as JSON, shares\n"
     "of width and height: {\"include\": [[[0.1, 0.1], [0.9, 0.1],\n"
     "[0.5, 0.8]]], \"exclude\": []}"},
    {CLI_OPT_AREA_FOLLOWS, "area-follows", "PHOTO", INSPECT | TRAIN,
     "the area was drawn over PHOTO, one of the photos by its name in\n"
     "the table, and lies on each where its part lies: moved up to a\n"
     "quarter of the frame each way, not turned and not scaled. In\n"
     "place of \"follow\": \"PHOTO\" beside the polygons"},
    {CLI_OPT_MARKS, "marks", "FILE", INSPECT | TRAIN,
     "what an inspector says: a CSV with the columns file and mark\n"
     "(good or defect) and, of spots, x and y in pixels, or a model,\n"
     "whose marks teach this folder, too; a model keeps them"},
    {CLI_OPT_NO_HEATMAPS, "no-heatmaps", NULL, INSPECT | SCORE, "draw no heatmaps"},
    {CLI_OPT_MASKS, "masks", NULL, INSPECT | SCORE,
     "also draw OUT/masks/: every photo's regions, white on black, at\n"
     "its own size, named as its heatmap"},
    {CLI_OPT_RESULTS, "json", "FILE", INSPECT | SCORE,
     "also write settings, scores, verdicts and regions as JSON; as\n"
     "JSON Lines where FILE ends in .jsonl"},
    {CLI_OPT_RESULTS, "json", "FILE", TRAIN,
     "also write what was learnt from as JSON: settings, counts,\n"
     "photos skipped, what the folder says, hash of the model; as JSON\n"
     "Lines where FILE ends in .jsonl"},
    {CLI_OPT_EVIDENCE, "evidence", NULL, INSPECT,
     "with --json or --report: of every region the places of three other photos\n"
     "that are most like it, and how usual it is to be so far away"},
    {CLI_OPT_COCO, "coco", "FILE", INSPECT | SCORE,
     "also write the regions as annotations in COCO's form"},
    {CLI_OPT_REGIONS, "regions", "FILE", INSPECT | SCORE, "also write a CSV with a line a region"},
    {CLI_OPT_REPORT, "report", "FILE", INSPECT | SCORE,
     "also write a report to read and print, one HTML file with\n"
     "pictures, which 'fleck verify' compares with the photos"},
    {CLI_OPT_BY, "by", "NAME", INSPECT | SCORE, "with --report: who inspected"},
    {CLI_OPT_TITLE, "title", "NAME", INSPECT, "with --report: what it is of (default: DIR)"},
    {CLI_OPT_TITLE, "title", "NAME", SCORE,
     "with --report: what it is of (default: the first path)"},
    {CLI_OPT_MODEL, "model", "FILE", VERIFY,
     "of a report of photos that a model judged: this model, which is\n"
     "not in it"},
    {CLI_OPT_MM_PER_PIXEL, "mm-per-pixel", "MM", INSPECT | SCORE,
     "width and height of what a pixel of the photos shows: JSON and\n"
     "CSV tell areas in square millimetres, too"},
    {CLI_OPT_FAIL_ON, "fail-on", "VERDICT", INSPECT | SCORE,
     "exit with status 4 where a photo has the verdict\n"
     "defect: is a defect\n"
     "look: deserves a look, or is a defect"},
    {CLI_OPT_DTYPE, "dtype", "TYPE", CONVERT,
     "f32: as it is\n"
     "f16: half the size, as good (default)\n"
     "i8: about a quarter of it, less exact"},
    {CLI_OPT_PHOTOS, "photos", "DIR", CONVERT,
     "measure on the photos in DIR how far the tokens move"},
    {CLI_OPT_DELETE, "delete", "NAME", BACKBONES, "delete what is kept of this backbone"},
    {CLI_OPT_BACKBONE, "backbone", "NAME|FILE", PHOTOS,
     "vision transformer: a name that 'fleck backbones' lists, which\n"
     "is downloaded once and kept, or a file of weights\n"
     "(default: the one that comes with fleck)"},
    {CLI_OPT_METHOD, "method", "NAME", LEARN,
     "irmb: FUN-AD, a small network trained on the folder (default)\n"
     "ensemble: mean distance to several random memories\n"
     "knn: distance to one random memory\n"
     "musc: mutual scoring by the nearest photos\n"
     "mahalanobis: distance from the mean of each place\n"
     "softpatch: knn, weighted by local outlier factors\n"
     "l2bt: where small networks, trained on the folder, cannot tell\n"
     "one block's tokens from another's\n"
     "simplenet: a small network that tells patches from noise\n"
     "paper: as --recipe paper"},
    {CLI_OPT_RECIPE, "recipe", "NAME", LEARN,
     "fleck: FUN-AD within seconds, as --method irmb (default)\n"
     "paper: FUN-AD as published, which takes hours\n"
     "paper-synthetic: the same with 5 % of made-up defects added to\n"
     "the photos learnt from; they are never reported"},
    {CLI_OPT_ITERATIONS, "iterations", "N", LEARN,
     "of the paper's recipes, each a batch of 32 photos (default:\n"
     "those of 1500 epochs); of each third of the folder with l2bt\n"
     "and simplenet (default: 200)"},
    {CLI_OPT_LEARN_MOST, "learn-most", "N", LEARN,
     "learn from N photos at most, chosen by what is in their files;\n"
     "the others are judged all the same. Saves time with large\n"
     "folders (default: as many as 352 MB of features hold)"},
    {CLI_OPT_PRESET, "preset", "NAME", LOOK | CONVERT,
     "fit: look at the whole frame (default)\n"
     "funad: look at its central 7/8, as the paper does"},
    {CLI_OPT_INPUT, "input", "S", LOOK | CONVERT,
     "side of the network's input in pixels, a multiple of the\n"
     "backbone's patch; larger sees smaller defects, slower\n"
     "(default: the backbone's own)"},
    {CLI_OPT_TILES, "tiles", "CxR", LOOK,
     "look at each photo as C x R overlapping square tiles, as 3x1;\n"
     "more see smaller defects, in so many times the time\n"
     "(default: auto, several for long and large photos)"},
    {CLI_OPT_BLOCKS, "blocks", "A,B", LOOK | CONVERT,
     "blocks whose tokens are used, counted from 1, ascending\n"
     "(default: the backbone's own choice)"},
    {CLI_OPT_SEED, "seed", "N", LEARN, "same seed, same photos: same scores (default: 0)"},
    {CLI_OPT_PRECISION, "precision", "NAME", LOOK,
     "numbers that the backbone computes in\n"
     "i8: integers of 8 bits, the fastest where the processor\n"
     "multiplies bytes (default)\n"
     "i16: integers of 12 bits, nearer to f32\n"
     "f32: floating point"},
    {CLI_OPT_THREADS, "threads", "N", PHOTOS | CONVERT,
     "processor cores to use; never changes a score\n(default: all)"},
    {CLI_OPT_KERNELS, "kernels", "NAME", PHOTOS,
     "scalar or simd128, for comparing them (default: the fastest)"},
    {'0', "null", NULL, INSPECT | TRAIN | SCORE | VERIFY | CONVERT | EXTRACT,
     "names that come through standard input, in place of '-', end with\n"
     "a NUL byte, as of find -print0, and not with their line"},
    {CLI_OPT_PROGRESS, "progress", "TYPE", ALL,
     "text: a bar on a terminal, elsewhere a line every tenth of the\n"
     "way (default)\n"
     "json: each line on standard error is a JSON object, with stage,\n"
     "done, total and seconds, or with message"},
    {'q', "quiet", NULL, ALL, "no progress and no summary; trouble is still named"},
    {'h', "help", NULL, ALL, "show this help"},
    {0},
};
_Static_assert(sizeof cli_options / sizeof *cli_options <= CLI_OPTIONS_MOST + 1, "room for all");

const cli_command_words cli_commands[CLI_COMMAND_COUNT] = {
    [CLI_INSPECT] =
        {"inspect", "DIR [-o OUT] [--save MODEL]",
         "Learns what the photos in DIR have in common and scores each of them. They show one\n"
         "product, 20 or more of them; some may be defective, and nobody has to know which.\n"
         "\n"
         "OUT/scores.csv lists file, score (0 to 1, higher is more suspicious) and verdict\n"
         "(ok, look, defect), the most suspicious first. OUT/heatmaps/ has every photo with the\n"
         "suspicious places coloured; a photo sub/a.png becomes sub__a.png.png there. The regions "
         "of a\n"
         "photo are the places where its heatmap reaches the threshold: one that is called a "
         "defect\n"
         "has one, and no other. --masks, --json, --coco and --regions tell where and how large "
         "they\n"
         "are. Regions that look alike are a group.\n",
         "  fleck inspect photos\n"
         "  fleck inspect photos -o monday --save tiles.fleck\n"
         "  fleck inspect photos --input 448 --no-heatmaps\n"
         "  fleck inspect photos --masks --coco labels.json --mm-per-pixel 0.05\n"},
    [CLI_TRAIN] = {"train", "DIR --save MODEL",
                   "Learns from the photos in DIR and keeps the result in the file MODEL, for\n"
                   "'fleck score'. The photos themselves are not in it.\n",
                   "  fleck train photos --save tiles.fleck\n"
                   "  find line-3 -name '*.png' -print0 | fleck train - -0 --save tiles.fleck\n"
                   "  fleck train photos --save tiles.fleck --backbone vit.safetensors "
                   "--blocks 4,7\n"},
    [CLI_SCORE] =
        {"score", "MODEL PATHS... [-o OUT]",
         "Scores photos with a model that inspect or train kept. PATHS are photos and folders.\n"
         "With one folder, names in the CSV are relative to it; otherwise they start with the\n"
         "path as given. Method, preset, input, blocks and precision are the model's; the\n"
         "backbone must be the one it was trained with.\n",
         "  fleck score tiles.fleck new-photos -o tuesday\n"
         "  fleck score tiles.fleck a.jpg b.jpg\n"
         "  fleck score tiles.fleck new-photos | grep ,defect$\n"
         "  fleck score tiles.fleck new-photos --json results.jsonl --fail-on defect\n"
         "  fleck score tiles.fleck new-photos --report tuesday.html --by Ada\n"},
    [CLI_EVAL] =
        {"eval", "DIR [--json]",
         "Measures on a labelled data set: learns from the photos for training, without their\n"
         "labels, scores those for testing, and compares with what is known. How the set is read\n"
         "is said first; --check says no more. The layouts of MVTec AD (also LOCO, AD 2, 3D), "
         "VisA,\n"
         "BTAD, MPDD, DAGM, KolektorSDD, Real-IAD and their like are known by these rules, where\n"
         "capitals do not matter:\n"
         "  - Folders train and test split the photos. Where not both are there, all photos are\n"
         "    learnt from and tested. Folders for validation are left out where there is a test.\n"
         "  - Photos in folders good, ok, normal, pass, ... are good; in bad, ng, ko, defect,\n"
         "    anomaly, fail, ... defective; and in any other folder beside one for good photos.\n"
         "    Names that say neither (a date) are refused, unless masks tell, and so are those "
         "that\n"
         "    may mean either (positive). Where no folder tells, a table such as labels.csv may.\n"
         "  - Pictures in ground_truth, masks, label, ... are masks; so are, beside a photo, "
         "NAME_mask,\n"
         "    NAME_GT, NAME_label, and a PNG or BMP with the name of a JPEG. A mask belongs to "
         "the\n"
         "    photo of its name and class; several may be in a folder of the photo's name. "
         "Without\n"
         "    folders for good photos, those without a mask, or with an empty one, are good.\n"
         "  - A mask marks what is not 0, of any value or colour, or what is opaque; JPEGs and\n"
         "    smooth edges are cut at half. It may be larger or smaller than its photo.\n"
         "What contradicts (two masks of one photo, a mask of none, a mask on a good photo, a "
         "photo\n"
         "for a mask) is named, and nothing is measured. Defective photos without a mask, or with "
         "an\n"
         "empty one, are named and count for the image metrics only (exit status 3).\n"
         "\n"
         "Prints AUROC, AP and F1-max of the image scores; AUROC, AP and AUPRO (up to 30 % false\n"
         "positives) of the heatmaps; and the seconds and peak memory of the stages load\n"
         "(backbone and masks), features, training and scoring. Peak memory is the process's\n"
         "own since its start, without the computing of the metrics.\n",
         "  fleck eval mvtec/hazelnut\n"
         "  fleck eval BTech_Dataset/01 --check\n"
         "  fleck eval mvtec/hazelnut --json --method knn > knn.json\n"
         "  fleck eval mvtec/hazelnut --cache features --seed 1 --scores seed1.csv\n"},
    [CLI_VERIFY] =
        {"verify", "REPORT DIR",
         "Checks a report that inspect --report or the page wrote: whether each of its photos is "
         "in\n"
         "DIR, by the SHA-256 of its file, whatever it is called now, and, by doing all again as "
         "the\n"
         "report states it, whether model, scores and verdicts are the same, bit for bit. What\n"
         "differs is named on standard output, the first 20. Where a photo is missing or another,\n"
         "nothing is done again: every score follows from all photos. Marks are made again, too.\n"
         "Of photos that a model judged (fleck score) the report holds no more than its hash:\n"
         "--model names its file. The backbone must be the one that the report states; --backbone\n"
         "names it where the report's name leads elsewhere.\n",
         "  fleck verify monday/report.html photos\n"
         "  fleck verify report.html photos --backbone vit.safetensors\n"
         "  fleck verify tuesday.html new-photos --model tiles.fleck\n"},
    [CLI_BACKBONES] =
        {"backbones", "[--delete NAME]",
         "Lists the backbones that --backbone knows by name, and which of them are kept on this\n"
         "computer. The first use of a name downloads its file with the program curl and keeps it\n"
         "in $XDG_CACHE_HOME/fleck/backbones (or ~/.cache/fleck/backbones); from then on nothing\n"
         "is requested. Its SHA-256 is checked at every use: the list's or, where that has none,\n"
         "the one that the first download had.\n"
         "\n"
         "The environment variable FLECK_REGISTRY names another list, a file of the form of\n"
         "models/backbones.json.\n",
         "  fleck backbones\n"
         "  fleck inspect photos --backbone dinov2-vits14\n"
         "  fleck backbones --delete dinov2-vits14\n"},
    [CLI_CONVERT] =
        {"convert", "IN OUT [--dtype TYPE]",
         "Writes the backbone IN, a file of weights or a name that 'fleck backbones' lists, as "
         "the\n"
         "safetensors file OUT: half or a quarter of the size, with the input size, blocks, mean\n"
         "and standard deviation that it is used with. Prints the sizes and, with --photos, how\n"
         "far the patch tokens of these photos move: the relative error of all of them, and the\n"
         "cosine between old and new, on average and of the worst.\n",
         "  fleck convert dino_vitbase8_pretrain.pth vitb8.safetensors --photos photos\n"
         "  fleck convert dinov2-vits14 small.safetensors --dtype i8 --input 448 --blocks 4,7\n"},
    [CLI_EXTRACT] =
        {"extract", "PHOTOS... -o FILE",
         "Looks at photos, which is most of the work, and keeps what the backbone makes of them "
         "in\n"
         "FILE. PHOTOS are photos and folders, a part of those to learn from: several computers "
         "take\n"
         "a part each, and 'fleck train --features FILE...' learns from all of the files. The "
         "model\n"
         "is the one of a single folder with all photos, bit for bit, where the options below "
         "were\n"
         "the same. Photos with one folder have names relative to it; otherwise their names start\n"
         "with the path as given. 0.6 MB a photo with the backbone that comes with fleck.\n",
         "  fleck extract line-1 -o 1.features\n"
         "  fleck train --features 1.features 2.features --save tiles.fleck\n"
         "  fleck inspect --features *.features -o monday\n"},
    [CLI_WATCH] =
        {"watch", "MODEL DIR",
         "Scores each photo that comes into the folder DIR or the folders in it, as it comes, with "
         "a\n"
         "model that inspect or train kept: a line each on standard output, as 'fleck score' "
         "writes\n"
         "it. The folder is looked at every second; a photo is taken when its file did not change\n"
         "for one, and again when it is written anew. What is there at the beginning is not new.\n"
         "Ctrl-C ends it, with exit status 0.\n",
         "  fleck watch tiles.fleck camera\n"
         "  fleck watch tiles.fleck camera | grep --line-buffered ,defect$\n"},
    [CLI_PROPOSE_AREA] =
        {"propose-area", "PHOTO",
         "Prints an area of interest as JSON for --area: a polygon around the largest piece of\n"
         "PHOTO that is unlike what it shows at its edge, a cloth or a table as a rule. It is a\n"
         "proposal: look at it, and move its corners, before it is used.\n",
         "  fleck propose-area photos/001.png > area.json\n"
         "  fleck inspect photos --area area.json --area-follows 001.png\n"},
    [CLI_INFO] =
        {"info", "MODEL [--json]",
         "Says what a model that inspect or train kept holds: version of its file, method,\n"
         "preset, precision, fingerprint of its backbone, input, tiles, blocks, seed,\n"
         "threshold, smallest area, area of interest, how many marks, from how many photos\n"
         "it learnt, its size and SHA-256. Needs no backbone.\n",
         "  fleck info tiles.fleck\n"
         "  fleck info tiles.fleck --json\n"},
};

/* After the kinds that this build reads. */
static const char photos_help[] =
    "files in a folder and the folders in it, known by their content whatever they are called.\n"
    "Other files are left out, and counted by kind: other pictures, which may be photos, the\n"
    "heatmaps and other files that fleck wrote, texts, ... So are links to folders and folders\n"
    "named ground_truth. Hidden files and folders and those of file managers (__MACOSX,\n"
    "Thumbs.db, desktop.ini, @eaDir, ...) are left out without a word.\n"
    "'-' in place of a folder reads names of photos and folders from standard input, one a line;\n"
    "photos have these names then, and one that is named twice counts once.\n"
    "A photo that cannot be read is named, skipped and counted; it never ends the run.\n"
    "\n"
    "Whatever is written takes its name when it is whole. No file that is read is written over.\n"
    "In tables a name that begins with = + - @, a tab or a carriage return has a ' before it, so\n"
    "that no spreadsheet takes it for a formula.\n";

static const char status_help[] =
    "Exit status\n"
    "  0    done, with all photos\n"
    "  1    failed: no photo could be used, a file could not be read or written, ...\n"
    "  2    the command line is wrong\n"
    "  3    done, but photos were skipped, or pictures of other kinds or links to folders left "
    "out\n"
    "  4    done, and a photo has the verdict that --fail-on names, whether or not photos were\n"
    "       skipped; of verify: something differs\n"
    "  130  interrupted (Ctrl-C, SIGTERM or SIGHUP); with -o the scores that were ready are in\n"
    "       OUT/scores.partial.csv, and what an earlier run wrote stays; watch ends with 0 then\n"
    "Defects found do not change it: look at the verdicts in scores.csv.\n";

static const char plain_status_help[] = "Exit status\n"
                                        "  0    done\n"
                                        "  1    failed: a file could not be read or written, ...\n"
                                        "  2    the command line is wrong\n"
                                        "  3    done, but photos were skipped, or pictures of "
                                        "other kinds or links to folders left out\n"
                                        "  130  interrupted (Ctrl-C, SIGTERM or SIGHUP)\n";

static void print_photos_help(void) {
    printf("Photos are the %s\n%s\n%s", cli_decoder_kinds(), photos_help, status_help);
}

void cli_print_help(void) {
    printf("fleck finds the defects in a folder of photos of one product. Nobody has to label\n"
           "them first, and no photo leaves this computer.\n\nCommands\n");
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        printf("  fleck %s %s\n", cli_commands[i].name, cli_commands[i].usage);
    printf("\n'fleck COMMAND --help' explains a command and its options; 'fleck --version' tells\n"
           "the version.\n\nExamples\n");
    for (int i = 0; i < CLI_COMMAND_COUNT; i++) fputs(cli_commands[i].examples, stdout);
    putchar('\n');
    print_photos_help();
}

static void print_option(const cli_option *option) {
    char left[40];
    snprintf(left, sizeof left, "%s--%s%s%s",
             option->id == 'o'   ? "-o, "
             : option->id == 'q' ? "-q, "
             : option->id == '0' ? "-0, "
             : option->id == 'h' ? "-h, "
                                 : "",
             option->name, option->value ? " " : "", option->value ? option->value : "");
    const char *line = option->help;
    while (line) {
        const char *end = strchr(line, '\n');
        printf("  %-24s%.*s\n", left, end ? (int)(end - line) : (int)strlen(line), line);
        left[0] = '\0';
        line = end ? end + 1 : NULL;
    }
}

void cli_print_command_help(cli_command command) {
    const cli_command_words *c = &cli_commands[command];
    printf("Usage: fleck %s %s [options]\n\n%s\nOptions\n", c->name, c->usage, c->about);
    for (const cli_option *o = cli_options; o->name; o++)
        if (o->commands & 1u << command) print_option(o);
    printf("\nExamples\n%s\n", c->examples);
    if (1u << command & PHOTOS)
        print_photos_help();
    else
        fputs(plain_status_help, stdout);
}
