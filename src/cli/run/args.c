#include "args.h"

#include "atomic_file.h"
#include "decoders.h"
#include "fleck.h"
#include "name_list.h"
#include "nearest.h"
#include "print.h"
#include "text.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Options are declared once: this table gives getopt its list, every command
 * its own subset, and --help its lines. */
enum {
    OPT_SAVE = 256,
    OPT_THRESHOLD,
    OPT_BACKBONE,
    OPT_INPUT,
    OPT_TILES,
    OPT_BLOCKS,
    OPT_PRESET,
    OPT_METHOD,
    OPT_RECIPE,
    OPT_ITERATIONS,
    OPT_LEARN_MOST,
    OPT_SEED,
    OPT_PRECISION,
    OPT_THREADS,
    OPT_KERNELS,
    OPT_NO_HEATMAPS,
    OPT_SMALLEST_AREA,
    OPT_AREA,
    OPT_AREA_FOLLOWS,
    OPT_MARKS,
    OPT_MODEL,
    OPT_MASKS,
    OPT_RESULTS,
    OPT_EVIDENCE,
    OPT_COCO,
    OPT_REGIONS,
    OPT_REPORT,
    OPT_BY,
    OPT_TITLE,
    OPT_MM_PER_PIXEL,
    OPT_FAIL_ON,
    OPT_JSON,
    OPT_CHECK,
    OPT_SCORES,
    OPT_CACHE,
    OPT_DELETE,
    OPT_DTYPE,
    OPT_PHOTOS,
    OPT_PROGRESS,
    OPT_FEATURES,
    OPT_SAMPLE_BITS,
    OPT_NO_HEADER
};

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

typedef struct {
    int id; /* the short letter, or one of OPT_ */
    const char *name;
    const char *value; /* NULL: takes none */
    unsigned commands;
    const char *help; /* lines separated by \n */
} option_spec;

static const option_spec specs[] = {
    {'o', "out", "OUT", INSPECT,
     "folder for scores.csv and heatmaps/; made when absent\n(default: ./out)"},
    {'o', "out", "OUT", SCORE,
     "folder for scores.csv and heatmaps/; made when absent\n"
     "(default: the CSV on standard output, no heatmaps)"},
    {'o', "out", "FILE", EXTRACT, "file that receives the features (required)"},
    {OPT_FEATURES, "features", NULL, INSPECT | TRAIN | SCORE,
     "the photos are those of files that 'fleck extract' wrote, FILE...\n"
     "in place of photos and folders: as if all were in one folder, in\n"
     "any order of the files. Backbone, preset, input, tiles, blocks\n"
     "and precision are theirs; no heatmaps are drawn"},
    {OPT_NO_HEADER, "no-header", NULL, SCORE | WATCH,
     "no first line with the names of the columns, so that CSVs of\n"
     "several runs follow each other; of score without -o"},
    {OPT_SAMPLE_BITS, "sample-bits", "N", EXTRACT,
     "read photos of 16 bits as of N bits, 8 to 16, the most that any\n"
     "photo of all the files has (default: of these photos)"},
    {OPT_SAVE, "save", "MODEL", INSPECT,
     "also keep what was learnt in the file MODEL, or - for standard\n"
     "output"},
    {OPT_SAVE, "save", "MODEL", TRAIN,
     "file that receives what was learnt, or - for standard output\n"
     "(required)"},
    {OPT_CHECK, "check", NULL, EVAL, "say how the data set is read, and measure nothing"},
    {OPT_JSON, "json", NULL, EVAL | INFO, "print exactly one JSON object on standard output"},
    {OPT_SCORES, "scores", "FILE", EVAL,
     "also write the score of every photo learnt from or tested, as\n"
     "CSV: set (train, test), file, score, verdict, defective\n"
     "(1, 0; empty for train)"},
    {OPT_CACHE, "cache", "DIR", EVAL,
     "keep the photos' features in DIR, made when absent: the next\n"
     "run that reads the same photos the same way finds them there"},
    {OPT_THRESHOLD, "threshold", "T", LEARN | SCORE | WATCH,
     "call scores from T on defects, above 0 and 1 at most; verdicts\n"
     "change, scores do not, and a model keeps it (default: 0.5, or\n"
     "the model's)"},
    {OPT_SMALLEST_AREA, "smallest-area", "PERCENT", INSPECT | TRAIN | SCORE | WATCH,
     "of a photo's area: regions below it do not count, and a photo\n"
     "that has no other deserves a look, whatever its score; a model\n"
     "keeps it (default: 0, or the model's)"},
    {OPT_AREA, "area", "FILE", INSPECT | TRAIN,
     "area of interest of all photos, which are aligned: what lies\n"
     "outside counts nowhere; a model keeps it. FILE is a mask in the\n"
     "shape of the photos, white inside, or polygons as JSON, shares\n"
     "of width and height: {\"include\": [[[0.1, 0.1], [0.9, 0.1],\n"
     "[0.5, 0.8]]], \"exclude\": []}"},
    {OPT_AREA_FOLLOWS, "area-follows", "PHOTO", INSPECT | TRAIN,
     "the area was drawn over PHOTO, one of the photos by its name in\n"
     "the table, and lies on each where its part lies: moved up to a\n"
     "quarter of the frame each way, not turned and not scaled. In\n"
     "place of \"follow\": \"PHOTO\" beside the polygons"},
    {OPT_MARKS, "marks", "FILE", INSPECT | TRAIN,
     "what an inspector says: a CSV with the columns file and mark\n"
     "(good or defect) and, of spots, x and y in pixels, or a model,\n"
     "whose marks teach this folder, too; a model keeps them"},
    {OPT_NO_HEATMAPS, "no-heatmaps", NULL, INSPECT | SCORE, "draw no heatmaps"},
    {OPT_MASKS, "masks", NULL, INSPECT | SCORE,
     "also draw OUT/masks/: every photo's regions, white on black, at\n"
     "its own size, named as its heatmap"},
    {OPT_RESULTS, "json", "FILE", INSPECT | SCORE,
     "also write settings, scores, verdicts and regions as JSON; as\n"
     "JSON Lines where FILE ends in .jsonl"},
    {OPT_RESULTS, "json", "FILE", TRAIN,
     "also write what was learnt from as JSON: settings, counts,\n"
     "photos skipped, what the folder says, hash of the model; as JSON\n"
     "Lines where FILE ends in .jsonl"},
    {OPT_EVIDENCE, "evidence", NULL, INSPECT,
     "with --json or --report: of every region the places of three other photos\n"
     "that are most like it, and how usual it is to be so far away"},
    {OPT_COCO, "coco", "FILE", INSPECT | SCORE,
     "also write the regions as annotations in COCO's form"},
    {OPT_REGIONS, "regions", "FILE", INSPECT | SCORE, "also write a CSV with a line a region"},
    {OPT_REPORT, "report", "FILE", INSPECT | SCORE,
     "also write a report to read and print, one HTML file with\n"
     "pictures, which 'fleck verify' compares with the photos"},
    {OPT_BY, "by", "NAME", INSPECT | SCORE, "with --report: who inspected"},
    {OPT_TITLE, "title", "NAME", INSPECT, "with --report: what it is of (default: DIR)"},
    {OPT_TITLE, "title", "NAME", SCORE, "with --report: what it is of (default: the first path)"},
    {OPT_MODEL, "model", "FILE", VERIFY,
     "of a report of photos that a model judged: this model, which is\n"
     "not in it"},
    {OPT_MM_PER_PIXEL, "mm-per-pixel", "MM", INSPECT | SCORE,
     "width and height of what a pixel of the photos shows: JSON and\n"
     "CSV tell areas in square millimetres, too"},
    {OPT_FAIL_ON, "fail-on", "VERDICT", INSPECT | SCORE,
     "exit with status 4 where a photo has the verdict\n"
     "defect: is a defect\n"
     "look: deserves a look, or is a defect"},
    {OPT_DTYPE, "dtype", "TYPE", CONVERT,
     "f32: as it is\n"
     "f16: half the size, as good (default)\n"
     "i8: about a quarter of it, less exact"},
    {OPT_PHOTOS, "photos", "DIR", CONVERT, "measure on the photos in DIR how far the tokens move"},
    {OPT_DELETE, "delete", "NAME", BACKBONES, "delete what is kept of this backbone"},
    {OPT_BACKBONE, "backbone", "NAME|FILE", PHOTOS,
     "vision transformer: a name that 'fleck backbones' lists, which\n"
     "is downloaded once and kept, or a file of weights\n"
     "(default: the one that comes with fleck)"},
    {OPT_METHOD, "method", "NAME", LEARN,
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
    {OPT_RECIPE, "recipe", "NAME", LEARN,
     "fleck: FUN-AD within seconds, as --method irmb (default)\n"
     "paper: FUN-AD as published, which takes hours\n"
     "paper-synthetic: the same with 5 % of made-up defects added to\n"
     "the photos learnt from; they are never reported"},
    {OPT_ITERATIONS, "iterations", "N", LEARN,
     "of the paper's recipes, each a batch of 32 photos (default:\n"
     "those of 1500 epochs); of each third of the folder with l2bt\n"
     "and simplenet (default: 200)"},
    {OPT_LEARN_MOST, "learn-most", "N", LEARN,
     "learn from N photos at most, chosen by what is in their files;\n"
     "the others are judged all the same. Saves time with large\n"
     "folders (default: as many as 384 MB of features hold)"},
    {OPT_PRESET, "preset", "NAME", LOOK | CONVERT,
     "fit: look at the whole frame (default)\n"
     "funad: look at its central 7/8, as the paper does"},
    {OPT_INPUT, "input", "S", LOOK | CONVERT,
     "side of the network's input in pixels, a multiple of the\n"
     "backbone's patch; larger sees smaller defects, slower\n"
     "(default: the backbone's own)"},
    {OPT_TILES, "tiles", "CxR", LOOK,
     "look at each photo as C x R overlapping square tiles, as 3x1;\n"
     "more see smaller defects, in so many times the time\n"
     "(default: auto, several for long and large photos)"},
    {OPT_BLOCKS, "blocks", "A,B", LOOK | CONVERT,
     "blocks whose tokens are used, counted from 1, ascending\n"
     "(default: the backbone's own choice)"},
    {OPT_SEED, "seed", "N", LEARN, "same seed, same photos: same scores (default: 0)"},
    {OPT_PRECISION, "precision", "NAME", LOOK,
     "numbers that the backbone computes in\n"
     "i8: integers of 8 bits, the fastest where the processor\n"
     "multiplies bytes (default)\n"
     "i16: integers of 12 bits, nearer to f32\n"
     "f32: floating point"},
    {OPT_THREADS, "threads", "N", PHOTOS | CONVERT,
     "processor cores to use; never changes a score\n(default: all)"},
    {OPT_KERNELS, "kernels", "NAME", PHOTOS,
     "scalar or simd128, for comparing them (default: the fastest)"},
    {'0', "null", NULL, INSPECT | TRAIN | SCORE | VERIFY | CONVERT | EXTRACT,
     "names that come through standard input, in place of '-', end with\n"
     "a NUL byte, as of find -print0, and not with their line"},
    {OPT_PROGRESS, "progress", "TYPE", ALL,
     "text: a bar on a terminal, elsewhere a line every tenth of the\n"
     "way (default)\n"
     "json: each line on standard error is a JSON object, with stage,\n"
     "done, total and seconds, or with message"},
    {'q', "quiet", NULL, ALL, "no progress and no summary; trouble is still named"},
    {'h', "help", NULL, ALL, "show this help"},
};

enum { SPEC_COUNT = sizeof specs / sizeof specs[0] };

typedef struct {
    const char *name, *usage, *about, *examples;
} command_spec;

static const command_spec commands[CLI_COMMAND_COUNT] = {
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

static void print_help(void) {
    printf("fleck finds the defects in a folder of photos of one product. Nobody has to label\n"
           "them first, and no photo leaves this computer.\n\nCommands\n");
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        printf("  fleck %s %s\n", commands[i].name, commands[i].usage);
    printf("\n'fleck COMMAND --help' explains a command and its options; 'fleck --version' tells\n"
           "the version.\n\nExamples\n");
    for (int i = 0; i < CLI_COMMAND_COUNT; i++) fputs(commands[i].examples, stdout);
    putchar('\n');
    print_photos_help();
}

static void print_option(const option_spec *spec) {
    char left[40];
    snprintf(left, sizeof left, "%s--%s%s%s",
             spec->id == 'o'   ? "-o, "
             : spec->id == 'q' ? "-q, "
             : spec->id == '0' ? "-0, "
             : spec->id == 'h' ? "-h, "
                               : "",
             spec->name, spec->value ? " " : "", spec->value ? spec->value : "");
    const char *line = spec->help;
    while (line) {
        const char *end = strchr(line, '\n');
        printf("  %-24s%.*s\n", left, end ? (int)(end - line) : (int)strlen(line), line);
        left[0] = '\0';
        line = end ? end + 1 : NULL;
    }
}

static void print_command_help(cli_command command) {
    const command_spec *c = &commands[command];
    printf("Usage: fleck %s %s [options]\n\n%s\nOptions\n", c->name, c->usage, c->about);
    for (int i = 0; i < SPEC_COUNT; i++)
        if (specs[i].commands & 1u << command) print_option(&specs[i]);
    printf("\nExamples\n%s\n", c->examples);
    if (1u << command & PHOTOS)
        print_photos_help();
    else
        fputs(plain_status_help, stdout);
}

static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *out) {
    const char *end = fleck_read_whole(text, high, out);
    return end && !*end && *out >= low;
}

static bool parse_name(const char *text, const char *const *names, uint64_t *out) {
    for (uint64_t i = 0; names[i]; i++) {
        if (strcmp(text, names[i])) continue;
        *out = i;
        return true;
    }
    return false;
}

static bool parse_method(const char *text, fleck_method *out) {
    for (int i = 0; fleck_method_name((fleck_method)i); i++) {
        if (strcmp(text, fleck_method_name((fleck_method)i))) continue;
        *out = (fleck_method)i;
        return true;
    }
    return false;
}

static bool parse_blocks(const char *text, fleck_options *options) {
    uint32_t count = 0;
    for (uint64_t last = 0, least;;) {
        least = last + 1;
        text = fleck_read_whole(text, UINT16_MAX, &last);
        if (!text || last < least || count == FLECK_BLOCKS_MAX) return false;
        options->blocks[count++] = (uint32_t)last;
        if (!*text) break;
        if (*text++ != ',') return false;
    }
    options->block_count = count;
    return true;
}

static bool parse_tiles(const char *text, fleck_tiles *out) {
    *out = (fleck_tiles){0, 0};
    if (!strcmp(text, "auto")) return true;
    uint64_t columns = 0, rows = 0;
    text = fleck_read_whole(text, FLECK_TILES_MAX, &columns);
    if (!text || *text != 'x') return false;
    text = fleck_read_whole(text + 1, FLECK_TILES_MAX, &rows);
    *out = (fleck_tiles){(uint32_t)columns, (uint32_t)rows};
    return text && !*text && columns && rows;
}

/* A decimal number up to most, not negative. */
static bool parse_decimal(const char *text, double most, double *out) {
    char *end;
    *out = strtod(text, &end);
    return end != text && !*end && *out >= 0 && *out <= most;
}

/* Takes one option's value, NULL of those without one. NULL when it is good, else what would have
 * been. */
static const char *take(cli_args *args, int id, const char *value) {
    static const char *const presets[] = {FLECK_PRESET_NAMES, NULL};
    static const char *const precisions[] = {FLECK_PRECISION_NAMES, NULL};
    static const char *const dtypes[] = {
        [CLI_F32] = "f32", [CLI_F16] = "f16", [CLI_I8] = "i8", NULL};
    static const char *const progress[] = {"text", "json", NULL};
    static const char *const recipes[] = {"fleck", "paper", "paper-synthetic", NULL};
    fleck_options *options = &args->options;
    static const char *const verdicts[] = {FLECK_VERDICT_NAMES, NULL};
    uint64_t number;
    double decimal;
    if (!value) value = "";
    switch (id) {
    case 'o':
        args->out = value;
        return NULL;
    case '0':
        args->null_names = true;
        return NULL;
    case 'q':
        args->quiet = true;
        return NULL;
    case OPT_FEATURES:
        args->features = true;
        return NULL;
    case OPT_NO_HEADER:
        args->no_header = true;
        return NULL;
    case OPT_SAMPLE_BITS:
        if (!parse_number(value, 8, 16, &number)) return "a number of bits from 8 to 16";
        args->sample_bits = (uint32_t)number;
        return NULL;
    case OPT_PROGRESS:
        if (!parse_name(value, progress, &number)) return "text or json";
        args->progress_json = number;
        return NULL;
    case OPT_SAVE:
        args->save = value;
        return NULL;
    case OPT_BACKBONE:
        args->backbone = value;
        return NULL;
    case OPT_DELETE:
        args->delete_name = value;
        return NULL;
    case OPT_DTYPE:
        if (!parse_name(value, dtypes, &number)) return "f32, f16 or i8";
        args->dtype = (cli_dtype)number;
        return NULL;
    case OPT_PHOTOS:
        args->photos = value;
        return NULL;
    case OPT_NO_HEATMAPS:
        args->heatmaps = false;
        return NULL;
    case OPT_CHECK:
        args->check = true;
        return NULL;
    case OPT_JSON:
        args->json = true;
        return NULL;
    case OPT_SCORES:
        args->scores = value;
        return NULL;
    case OPT_CACHE:
        args->cache = value;
        return NULL;
    case OPT_KERNELS:
        options->kernels = value;
        return NULL;
    case OPT_BLOCKS:
        return parse_blocks(value, options) ? NULL
                                            : "one to four ascending numbers from 1, as in 4,7";
    case OPT_INPUT:
        if (!parse_number(value, 1, 8192, &number))
            return "a number of pixels from 1 to 8192, as in 448";
        options->input = (uint32_t)number;
        return NULL;
    case OPT_TILES:
        return parse_tiles(value, &args->tiles)
                   ? NULL
                   : "auto, or columns and rows of tiles from 1 to 16, as in 3x1";
    case OPT_THRESHOLD:
        args->threshold = parse_decimal(value, 1, &decimal) ? (float)decimal : 0;
        return args->threshold > 0 ? NULL : "a number above 0, and 1 at most, as 0.6";
    case OPT_SMALLEST_AREA:
        if (!parse_decimal(value, 100, &decimal)) return "a number of percent, 0 to 100, as 0.05";
        args->smallest_area = (float)(decimal / 100);
        args->has_smallest_area = true;
        return NULL;
    case OPT_AREA:
        args->area = value;
        return NULL;
    case OPT_AREA_FOLLOWS:
        args->area_follows = value;
        return NULL;
    case OPT_MARKS:
        args->marks = value;
        return NULL;
    case OPT_MODEL:
        args->model = value;
        return NULL;
    case OPT_MASKS:
        args->masks = true;
        return NULL;
    case OPT_RESULTS:
        args->results = value;
        return NULL;
    case OPT_EVIDENCE:
        args->evidence = true;
        return NULL;
    case OPT_COCO:
        args->coco = value;
        return NULL;
    case OPT_REGIONS:
        args->regions = value;
        return NULL;
    case OPT_REPORT:
        args->report = value;
        return NULL;
    case OPT_BY:
        args->by = value;
        return NULL;
    case OPT_TITLE:
        args->title = value;
        return NULL;
    case OPT_MM_PER_PIXEL:
        if (!parse_decimal(value, 1e6, &args->mm_per_pixel) || args->mm_per_pixel < 1e-6)
            return "a number of millimetres, 0.000001 to 1000000, as 0.05";
        return NULL;
    case OPT_FAIL_ON:
        if (!parse_name(value, verdicts, &number) || !number) return "defect or look";
        args->fail_on = (fleck_verdict)number;
        return NULL;
    case OPT_SEED:
        if (!parse_number(value, 0, UINT64_MAX, &number))
            return "a whole number from 0 to 18446744073709551615";
        options->seed = number;
        return NULL;
    case OPT_THREADS:
        if (!parse_number(value, 1, 1024, &number)) return "a number from 1 to 1024";
        options->threads = (uint32_t)number;
        return NULL;
    case OPT_PRECISION:
        if (!parse_name(value, precisions, &number)) return "i8, f32 or i16";
        options->precision = (fleck_precision)number;
        return NULL;
    case OPT_METHOD:
        if (!parse_method(value, &options->method))
            return "irmb, ensemble, knn, musc, mahalanobis, softpatch, l2bt, simplenet or paper";
        args->synthetic = false;
        return NULL;
    case OPT_RECIPE:
        if (!parse_name(value, recipes, &number)) return "fleck, paper or paper-synthetic";
        options->method = number ? FLECK_METHOD_PAPER : fleck_options_default().method;
        args->synthetic = number == 2;
        return NULL;
    case OPT_ITERATIONS:
        if (!parse_number(value, 1, FLECK_ITERATIONS_MAX, &number))
            return "a whole number from 1 to 1000000000";
        options->iterations = (uint32_t)number;
        return NULL;
    case OPT_LEARN_MOST:
        if (!parse_number(value, FLECK_PHOTOS_MIN, UINT32_MAX, &number))
            return "a number of photos from 5 to 4294967295";
        options->learn_most = (uint32_t)number;
        return NULL;
    default: /* OPT_PRESET */
        if (!parse_name(value, presets, &number)) return "fit or funad";
        options->preset = (fleck_preset)number;
        return NULL;
    }
}

/* Writes a part of a complaint; words of the command line are shown as cli_print shows them. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
static void
put(const char *format, ...) {
    va_list list;
    va_start(list, format);
    cli_put_list(stderr, format, list);
    va_end(list);
}

/* A complaint about one option, and where the options are told. */
static bool complain(cli_command command, const char *format, ...) {
    va_list list;
    va_start(list, format);
    fprintf(stderr, "fleck %s: ", commands[command].name);
    cli_put_list(stderr, format, list);
    fprintf(stderr, "; 'fleck %s --help' lists the options\n", commands[command].name);
    va_end(list);
    return false;
}

static const option_spec *spec_of(cli_command command, const char *name, size_t length) {
    for (int i = 0; i < SPEC_COUNT; i++)
        if (specs[i].commands & 1u << command && strlen(specs[i].name) == length &&
            !strncmp(specs[i].name, name, length))
            return &specs[i];
    return NULL;
}

/* An option that this command has not: another command's, or a slip. */
static bool complain_unknown(cli_command command, const char *given) {
    const char *name = given + strspn(given, "-");
    size_t length = strcspn(name, "="), count = 0;
    const option_spec *own = spec_of(command, name, length);
    if (own && !own->value) return complain(command, "--%s takes no value", own->name);
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        if (spec_of((cli_command)i, name, length))
            return complain(command, "'%s' is an option of 'fleck %s'", given, commands[i].name);
    const char *names[SPEC_COUNT];
    char stem[64];
    for (int i = 0; i < SPEC_COUNT; i++)
        if (specs[i].commands & 1u << command) names[count++] = specs[i].name;
    snprintf(stem, sizeof stem, "%.*s", (int)length, name);
    const char *near = cli_nearest(stem, names, count);
    if (near) return complain(command, "no such option: '%s' (did you mean --%s?)", given, near);
    return complain(command, "no such option: '%s'", given);
}

/* Whether somebody forgot a value, so that getopt took the next option for it. */
static bool is_option(cli_command command, const char *value) {
    size_t length = strcspn(value + (strncmp(value, "--", 2) ? 0 : 2), "=");
    if (!strncmp(value, "--", 2)) return !length || spec_of(command, value + 2, length);
    return !strcmp(value, "-o") || !strcmp(value, "-q") || !strcmp(value, "-0") ||
           !strcmp(value, "-h");
}

static bool take_option(cli_args *args, const option_spec *spec, const char *value) {
    cli_command command = args->command;
    if (!spec->value) return take(args, spec->id, NULL) == NULL;
    if (!*value) return complain(command, "--%s wants %s, not nothing", spec->name, spec->value);
    if (is_option(command, value))
        return complain(command, "a value is missing between --%s and %s", spec->name, value);
    const char *wanted = take(args, spec->id, value);
    if (!wanted) return true;
    cli_print(stderr, "fleck %s: --%s wants %s, not '%s'", commands[command].name, spec->name,
              wanted, value);
    return false;
}

static bool parse_options(int argc, char **argv, cli_args *args, int *status) {
    cli_command command = args->command;
    struct option list[SPEC_COUNT + 1];
    const option_spec *given[SPEC_COUNT];
    int count = 0, given_count = 0;
    for (int i = 0; i < SPEC_COUNT; i++)
        if (specs[i].commands & 1u << command)
            list[count++] = (struct option){
                specs[i].name, specs[i].value ? required_argument : no_argument, NULL, specs[i].id};
    list[count] = (struct option){NULL, 0, NULL, 0};
    char letters[16] = ":hq";
    if ((1u << command) & (INSPECT | SCORE | EXTRACT)) strcat(letters, "o:");
    if (spec_of(command, "null", 4)) strcat(letters, "0");

    *status = CLI_USAGE;
    opterr = 0;
    for (;;) {
        int id = getopt_long(argc, argv, letters, list, NULL);
        if (id < 0) break;
        if (id == 'h') {
            print_command_help(command);
            *status = CLI_DONE;
            return false;
        }
        if (id == ':' || id == '?') {
            const char *about = argv[optind - 1];
            char letter[3] = {'-', (char)optopt, '\0'};
            if (optopt > 0 && optopt < 256 && strncmp(about, "--", 2)) about = letter;
            if (id == ':') return complain(command, "a value is missing after '%s'", about);
            return complain_unknown(command, about);
        }
        const option_spec *spec = specs;
        while (spec->id != id || !(spec->commands & 1u << command)) spec++;
        for (int i = 0; spec->value && i < given_count; i++) {
            if (given[i] == spec) return complain(command, "--%s is given twice", spec->name);
            if ((spec->id == OPT_METHOD && given[i]->id == OPT_RECIPE) ||
                (spec->id == OPT_RECIPE && given[i]->id == OPT_METHOD))
                return complain(command, "--method and --recipe exclude each other: give one");
        }
        if (spec->value) given[given_count++] = spec;
        if (!take_option(args, spec, optarg)) return false;
    }
    if (command == CLI_SCORE && args->masks && !args->out)
        return complain(command, "--masks wants -o OUT, the folder that they go to");
    if (args->evidence && !args->results && !args->report)
        return complain(command, "--evidence wants --json FILE or --report FILE, which it goes to");
    if ((args->by || args->title) && !args->report)
        return complain(command, "--%s wants --report FILE, which it goes to",
                        args->by ? "by" : "title");
    static const int of_features[] = {OPT_PRESET, OPT_INPUT, OPT_TILES, OPT_BLOCKS, OPT_PRECISION};
    for (size_t i = 0; args->features && i < sizeof of_features / sizeof *of_features; i++)
        for (int k = 0; k < given_count; k++)
            if (given[k]->id == of_features[i])
                return complain(command, "--%s was decided when the features were extracted",
                                given[k]->name);
    if (args->features && args->report)
        return complain(command, "--report shows photos, which files of features do not hold");
    if (args->features && args->synthetic)
        return complain(command, "paper-synthetic paints on photos, which files of features do not "
                                 "hold");
    if (args->no_header && args->out)
        return complain(command,
                        "--no-header is of the CSV on standard output, not of that in OUT");
    if (args->evidence && args->synthetic)
        return complain(command, "--evidence shows photos: paper-synthetic makes up some of them");
    return true;
}

static bool parse_operands(int count, char **operands, cli_args *args, int *status) {
    const command_spec *c = &commands[args->command];
    const char *problem = NULL;
    *status = CLI_USAGE;
    bool empty = false;
    for (int i = 0; i < count; i++) empty = empty || !*operands[i];
    if (args->command == CLI_BACKBONES) {
        if (count) problem = "there is nothing to name but --delete NAME";
    } else if (args->command == CLI_CONVERT) {
        if (count != 2) problem = "name the backbone to read and the file to write";
    } else if (args->command == CLI_VERIFY) {
        if (count != 2) problem = "name the report, and the folder with its photos";
    } else if (args->command == CLI_INFO) {
        if (count != 1) problem = "name the model file";
    } else if (args->command == CLI_WATCH) {
        if (count != 2) problem = "name the model file, and the folder that photos come into";
    } else if (args->command == CLI_PROPOSE_AREA) {
        if (count != 1) problem = "name one photo";
    } else if (args->command == CLI_EXTRACT) {
        if (count < 1)
            problem = "name the photos or folders";
        else if (!args->out)
            problem = "say with -o FILE where the features go";
    } else if (args->command == CLI_SCORE) {
        if (count < 1)
            problem = "name the model file and the photos to score";
        else if (count < 2)
            problem = "name the photos or folders to score after the model file";
    } else {
        if (count < 1)
            problem =
                args->features ? "name the files of features" : "name the folder with the photos";
        else if (count > 1 && !args->features)
            problem = "name one folder only, the one with all photos in it";
        else if (args->command == CLI_TRAIN && !args->save)
            problem = "say with --save MODEL where the result goes";
        else if (args->save && cli_is_stdout(args->save) && isatty(STDOUT_FILENO))
            problem = "a model is no text for a terminal: send it to a file or a program";
    }
    bool reads_names = args->photos && cli_is_stdin(args->photos);
    for (int i = 0; i < count; i++) reads_names = reads_names || cli_is_stdin(operands[i]);
    if (reads_names && args->command == CLI_WATCH)
        problem = "photos come into a folder: name one, no list";
    if (reads_names && args->command == CLI_EVAL)
        problem = "labels follow from folders: name one, no list";
    if (args->area_follows && !args->area)
        problem = "--area-follows is of the area that --area names";
    if (args->null_names && !reads_names)
        problem = "--null is of names in standard input, which '-' stands for";
    if (empty) problem = "one of the names is empty";
    if (problem) {
        fprintf(stderr, "fleck %s: %s; usage: fleck %s %s\n", c->name, problem, c->name, c->usage);
        return false;
    }
    if (args->command == CLI_SCORE) {
        args->model = operands[0];
        args->paths = operands + 1;
        args->path_count = count - 1;
    } else if (args->command == CLI_INFO) {
        args->model = operands[0];
    } else if (args->command == CLI_WATCH) {
        args->model = operands[0];
        args->dir = operands[1];
    } else if (args->features || args->command == CLI_EXTRACT ||
               args->command == CLI_PROPOSE_AREA) {
        args->paths = operands;
        args->path_count = count;
    } else if (args->command == CLI_VERIFY) {
        args->report = operands[0];
        args->dir = operands[1];
    } else if (args->command == CLI_CONVERT) {
        args->in = operands[0];
        args->out = operands[1];
    } else if (args->command != CLI_BACKBONES) {
        args->dir = operands[0];
    }
    return true;
}

/* CLI_COMMAND_COUNT when there is none of that name. */
static int command_of(const char *name) {
    int command = 0;
    while (command < CLI_COMMAND_COUNT && strcmp(name, commands[command].name)) command++;
    return command;
}

bool cli_args_parse(int argc, char **argv, cli_args *out, int *status) {
    *status = CLI_USAGE;
    const char *first = argc > 1 ? argv[1] : "";
    if (!strcmp(first, "--help") || !strcmp(first, "-h") || !strcmp(first, "help")) {
        int about = argc > 2 ? command_of(argv[2]) : CLI_COMMAND_COUNT;
        if (about < CLI_COMMAND_COUNT)
            print_command_help((cli_command)about);
        else
            print_help();
        *status = CLI_DONE;
        return false;
    }
    if (!strcmp(first, "--version")) {
        printf("fleck %s\n", FLECK_VERSION);
        *status = CLI_DONE;
        return false;
    }
    int command = command_of(first);
    if (command == CLI_COMMAND_COUNT) {
        const char *names[CLI_COMMAND_COUNT];
        for (int i = 0; i < CLI_COMMAND_COUNT; i++) names[i] = commands[i].name;
        const char *near = cli_nearest(first, names, CLI_COMMAND_COUNT);
        if (argc < 2)
            put("fleck: say what to do");
        else if (near)
            put("fleck: no such command: '%s' (did you mean %s?)", first, near);
        else if (*first == '-')
            put("fleck: the command comes first, then options such as '%s'", first);
        else if (!access(first, F_OK))
            put("fleck: say what to do with '%s', as in 'fleck inspect %s'", first, first);
        else
            put("fleck: no such command: '%s'", first);
        fprintf(stderr, "; there are inspect, train, score, eval, verify, backbones, convert, "
                        "info, extract, watch and propose-area, "
                        "see 'fleck --help'\n");
        return false;
    }

    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *out = (cli_args){.command = (cli_command)command,
                      .heatmaps = true,
                      .dtype = CLI_F16,
                      .options = fleck_options_default()};
    out->options.threads = cores > 1 ? (uint32_t)cores : 1;
    if (!parse_options(argc - 1, argv + 1, out, status)) return false;
    return parse_operands(argc - 1 - optind, argv + 1 + optind, out, status);
}
