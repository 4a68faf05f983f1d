/* fleck: finds the defects in a folder of unlabelled product photos.
 *
 * All functions of the library; types.h, which it includes, has their types, options and limits.
 * The order of calls:
 *
 *     fleck_create -> fleck_configure -> fleck_load_backbone
 *       fleck_set_tiles, for photos that are long or large
 *       fleck_set_area, where only a part of the photos is of interest, or fleck_propose_area
 *       for every photo:  fleck_measure, then fleck_set_sample_bits, if any has 16 bits
 *       for every photo:  fleck_extract -> fleck_add
 *       fleck_train_begin, then fleck_train_step until done == total
 *       fleck_score_added for the photos of the folder,
 *       fleck_extract -> fleck_score for any other photo,
 *       fleck_find_regions for where and how large the defects of either are,
 *       fleck_explain_added and fleck_explain for what other photos show instead
 *       fleck_groups_begin, for every photo with regions fleck_groups_add or
 *       fleck_groups_add_added, then fleck_groups_find: which of them look alike
 *       fleck_mark_added and fleck_mark_photo for what an inspector says: scores follow
 *     A folder larger than fleck_learn_most is learnt from in part: fleck_learns_from
 *     says which photos to add; the others are scored like any other photo.
 *     fleck_save keeps what was learnt; fleck_load brings it back.
 *
 * The method is FUN-AD (Im, Son, Hong, WACV 2025, arXiv 2411.16110) on the
 * patch tokens of a frozen vision transformer.
 *
 * Same photos, options and seed give the same bits, whatever the order of the photos and the
 * number of threads, natively and in WebAssembly. */
#ifndef FLECK_H
#define FLECK_H

#include "types.h"

/* The version of this header; before 1.0 another minor one may be incompatible. */
#define FLECK_VERSION_MAJOR 0
#define FLECK_VERSION_MINOR 1
#define FLECK_VERSION_PATCH 0
#define FLECK_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif
/* Of a shared library these functions are what others see. */
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* FLECK_VERSION of the library that runs, which may be another than the header's. */
const char *fleck_version(void);

typedef struct fleck_detector fleck_detector; /* opaque; one thread at a time */

/* "irmb", "ensemble", ...; NULL for anything that is no method. */
const char *fleck_method_name(fleck_method method);

/* FUN-AD's method, the whole frame, the backbone's own input and blocks, seed 0,
 * one thread, fastest kernels. */
fleck_options fleck_options_default(void);

/* Creates an empty detector. Fails only with FLECK_ERR_MEMORY. */
fleck_status fleck_create(fleck_detector **out);

/* Frees the detector; NULL is allowed. */
void fleck_destroy(fleck_detector *det);

/* Explains the last failure, "" if none. Valid until the next call on det. */
const char *fleck_error(const fleck_detector *det);

/* Sets the options; options and its strings are borrowed for the call.
 * FLECK_ERR_STATE once a backbone is loaded. Optional: the defaults hold
 * otherwise. */
fleck_status fleck_configure(fleck_detector *det, const fleck_options *options);

/* Reads a backbone: safetensors or a PyTorch checkpoint, with DINO's, timm's or
 * Hugging Face's names (models/README.md). The bytes are borrowed for the call; what is kept is
 * packed for the kernels. Once a detector: FLECK_ERR_STATE the second time. */
fleck_status fleck_load_backbone(fleck_detector *det, const uint8_t *bytes, size_t size);

/* Shapes of everything below. FLECK_ERR_STATE before a backbone is loaded. */
fleck_status fleck_shape(const fleck_detector *det, fleck_feature_shape *out);

/* Photos are seen as columns x rows overlapping square tiles, 1 to FLECK_TILES_MAX each, from now
 * on: P grows with their number, and so do the time that a photo takes and the memory of its
 * features, and a patch covers less of the photo. At first 1, 1: the whole photo is one.
 * FLECK_ERR_STATE while photos that were added, what was learnt, or the part that an area follows
 * have other tiles (fleck_clear);
 * FLECK_ERR_ARGUMENT where P or P*D would be above their bounds (types.h). */
fleck_status fleck_set_tiles(fleck_detector *det, uint32_t columns, uint32_t rows);

/* A photo's size as seen, EXIF orientation applied, by its file's first FLECK_SIZE_HEAD bytes, or
 * all of a smaller one. 0, 0 where they do not tell it: for other kinds of files, behind very long
 * descriptions, and of a TIFF that says it behind its pixels, as most do: it wants the whole file.
 */
void fleck_photo_size(const uint8_t *head, size_t size, uint32_t *width, uint32_t *height);

/* The tiles that suit a folder's photos of these sizes ([count, 2]: width and height; 0 where it is
 * not known), whatever their order: of each side as many as more than half of the photos want at
 * least. A long one, from twice as long as wide on, wants so many along it that patches are about
 * square; a large one so many that a pixel of the input stands for at most five of its own along
 * each side, as far as 8 tiles in all suffice and the backbone's features of 50 photos fit. 1, 1
 * for all others. FLECK_ERR_STATE before a
 * backbone is loaded. */
fleck_status fleck_suggest_tiles(fleck_detector *det, const uint32_t *sizes, uint32_t count,
                                 uint32_t *columns, uint32_t *rows);

/* Pages of a photo file, of which the first is read: 1 of all but a TIFF, 2 of one with any more.
 */
uint32_t fleck_photo_pages(const uint8_t *file, size_t size);

/* Measures a photo file. Cameras of 10, 12 or 14 bits write files of 16 and often leave the upper
 * bits empty: which value is white is known only when all photos of a folder were measured. For
 * any file but a PNG of 16 bits or a TIFF its first FLECK_HEAD bytes are enough; whether it can be
 * read is not looked at. Needs no backbone. */
fleck_status fleck_measure(fleck_detector *det, const uint8_t *file, size_t size,
                           fleck_samples *out);

/* How photos of 16 bits are read from now on: as of so many bits, 8 to 16, that is with 2^bits - 1
 * as white; higher values are white too. For a folder the most bits that fleck_measure tells of any
 * of its photos, so that their order does not matter, set before the first fleck_extract; a model
 * keeps them, and fleck_load sets them. 0, the default: as many as the photo's own sBIT says,
 * otherwise 16, which suits photos that use all 16 bits. */
fleck_status fleck_set_sample_bits(fleck_detector *det, uint32_t bits);

/* What was set, or came with a model. */
uint32_t fleck_sample_bits(const fleck_detector *det);

/* The pixels of a photo file, to be shown where nobody else decodes it: rgba receives [height,
 * width, 4] of the size that fleck_photo_size tells of the whole file, upright, sRGB, opaque, what
 * is transparent mid grey; capacity is in bytes. A photo of 16 bits is read as of the sample bits
 * set, or of as many as its own highest value takes. Needs no backbone. */
fleck_status fleck_decode(fleck_detector *det, const uint8_t *file, size_t size, uint8_t *rgba,
                          size_t capacity);

/* Decodes a photo file (PNG, JPEG, BMP, TIFF; EXIF orientation honoured; of 8 or 16 bits;
 * transparent pixels show mid grey, whatever colour the file has below them) and computes its
 * features.
 *
 * patch  receives P*D halves, patch rows left to right, top to bottom.
 * cls    receives D halves, the class token, never mixed with the patches.
 *
 * FLECK_ERR_KIND for bytes that are no such photo, FLECK_ERR_FORMAT for a damaged one,
 * and where the backbone makes a value of it that no finite half holds: the detector
 * stays as it was and goes on with the next one. */
fleck_status fleck_extract(fleck_detector *det, const uint8_t *file, size_t size, fleck_half *patch,
                           fleck_half *cls);

/* What fleck_measure tells of the photo that fleck_extract read last: a value above what the sample
 * bits can hold was read as white. */
void fleck_extracted(const fleck_detector *det, fleck_samples *out);

/* fleck_extract from pixels: width*height*4 bytes, RGBA, sRGB, top row first, alpha
 * not premultiplied; borrowed. */
fleck_status fleck_extract_rgba(fleck_detector *det, const uint8_t *rgba, uint32_t width,
                                uint32_t height, fleck_half *patch, fleck_half *cls);

/* Adds one photo's features ([P, D] and [D], copied) to the folder that will
 * be trained on. Its index is the number of photos added before it. Features
 * that are not finite are refused, and more photos than fleck_learn_most by
 * FLECK_ERR_STATE. Adding after training needs a new
 * fleck_train_begin before it counts; until then the old model goes on. */
fleck_status fleck_add(fleck_detector *det, const fleck_half *patch, const fleck_half *cls);

/* The area of interest, one for all photos, which are aligned, or whose part it follows: patches
 * outside of it count nowhere, neither in what is learnt nor in scores, and heatmaps are 0 there. A
 * patch counts when at least half of it lies inside; at first all do. May be set before and after
 * photos are added, whose features stay, and is forgotten by fleck_clear; models keep it, and
 * fleck_load sets it. An area other than before ends a training under way and forgets what was
 * learnt.
 *
 * Set by polygons: inside is what lies in any of the first `includes` of them (where there are
 * none, in the photo), and in none of the `excludes` after them.
 *
 * points  the polygons' corners, one polygon after the other, as shares of the photo's width and
 *         height as it is seen: 0, 0 is its upper left corner, 1, 1 its lower right one. The last
 *         of a polygon is joined to its first. Borrowed, as counts is.
 * counts  [includes + excludes]: corners of each polygon. Without any polygon all of the photo
 *         counts again.
 * part    NULL: the area lies at the same place of every photo. Otherwise features of the photo
 *         that it was drawn over ([P, D]; borrowed), whose part it follows: on every photo it lies
 *         where its patches are most like those of this one, by the mean cosine, moved by whole
 *         patches, a quarter of the grid at most each way, and never beyond what is looked at. So
 *         it is off by up to half a patch; a part that turns, or comes nearer, is not followed.
 *         Heatmaps, regions, marks and what explains a place are in each photo's own places.
 *
 * FLECK_ERR_ARGUMENT, and all stays as it was, for a polygon of fewer than 3 points, one that
 * leaves the photo or crosses itself, more than FLECK_AREA_POINTS_MAX points together, an area
 * that leaves fewer than FLECK_AREA_PATCHES_MIN patches, too few to learn from, and one that is to
 * follow a part and reaches from edge to edge both ways. FLECK_ERR_STATE before a backbone is
 * loaded. */
fleck_status fleck_set_area(fleck_detector *det, const fleck_point *points, const uint32_t *counts,
                            uint32_t includes, uint32_t excludes, const fleck_half *part);

/* The same by a mask: width*height bytes, top row first, that lie over the whole photo, whatever
 * its size; what is not 0 lies inside. Whether its shape is the photos' the caller sees to.
 * Borrowed. */
fleck_status fleck_set_area_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                                 uint32_t height, const fleck_half *part);

/* What such an area would leave, which is not set: nothing changes. Arguments and refusals are
 * those of fleck_set_area and fleck_set_area_mask; without polygons all counts.
 *
 * photo    where part is not NULL features of any photo ([P, D]; borrowed), on which it is tried.
 * patches  receives how many patches of a photo would count.
 * shift    receives by how many it would lie elsewhere on that photo; may be NULL.
 * map      receives FLECK_HEAT*FLECK_HEAT bytes, as from fleck_area, of that photo; may be NULL. */
fleck_status fleck_try_area(fleck_detector *det, const fleck_point *points, const uint32_t *counts,
                            uint32_t includes, uint32_t excludes, const fleck_half *part,
                            const fleck_half *photo, uint32_t *patches, fleck_shift *shift,
                            uint8_t *map);
fleck_status fleck_try_area_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                                 uint32_t height, const fleck_half *part, const fleck_half *photo,
                                 uint32_t *patches, fleck_shift *shift, uint8_t *map);

/* How many patches of a photo lie in the area; 0: none is set, and all count. map, unless NULL,
 * receives FLECK_HEAT*FLECK_HEAT bytes: 1 where a pixel of the heatmap lies inside, otherwise 0,
 * of an area that follows a part as it was drawn. */
uint32_t fleck_area(const fleck_detector *det, uint8_t *map);

/* 1: it follows a part; 0: it does not, or there is none. */
int fleck_area_follows(const fleck_detector *det);

/* Where the area lies on a photo by its features ([P, D]; borrowed), or on one that was added: 0, 0
 * unless it follows a part. FLECK_ERR_ARGUMENT for features that are not finite, and for a photo
 * that is not there; FLECK_ERR_STATE before a backbone is loaded. */
fleck_status fleck_area_shift(fleck_detector *det, const fleck_half *patch, fleck_shift *out);
fleck_status fleck_area_shift_added(fleck_detector *det, uint32_t index, fleck_shift *out);

/* Proposes an area of interest, which is not set: a polygon around what a photo shows that is
 * unlike its edge, the largest piece of it, without its holes. The photo's own background, a cloth
 * or a table, is left out as a rule; where the product reaches over the edge, what comes is of no
 * use. Somebody should see it.
 *
 * patch   features of the photo ([P, D]; borrowed).
 * points  room for FLECK_AREA_POINTS_MAX: corners as fleck_set_area takes them.
 * count   receives how many.
 *
 * FLECK_ERR_ARGUMENT where nothing stands out that FLECK_AREA_PATCHES_MIN patches would lie in, and
 * for features that are not finite; FLECK_ERR_STATE before a backbone is loaded. */
fleck_status fleck_propose_area(fleck_detector *det, const fleck_half *patch, fleck_point *points,
                                uint32_t *count);

/* Number of photos added. */
uint32_t fleck_count(const fleck_detector *det);

/* Number of photos that can be added; 0 before a backbone is loaded. */
uint32_t fleck_learn_most(const fleck_detector *det);

/* Of the bytes of a photo's file, by which a part of a large folder is chosen. */
uint64_t fleck_photo_key(const uint8_t *bytes, size_t size);

/* Chooses the most to learn from of a folder's count photos with these keys: those with the
 * smallest ones, whatever their names and their order, and all of them where most is no
 * smaller than count. learns [count] receives 1 for each of them, 0 for the others. */
void fleck_learns_from(const uint64_t *key, uint32_t count, uint32_t most, uint8_t *learns);

/* A first ranking of the photos added so far, before anything is learnt from them: how unusual each
 * looks beside the others. unusual [fleck_count], 0 or more, compares photos of one call alone and
 * is no score. Takes a hundredth of the time that the photos' features took, and
 * FLECK_PHOTOS_MIN photos; FLECK_ERR_STATE below that. */
fleck_status fleck_preview(fleck_detector *det, float *unusual);

/* Forgets all added photos, what was learnt, the sample bits and the area; keeps the backbone and
 * the tiles. */
fleck_status fleck_clear(fleck_detector *det);

/* Starts training on the photos added; FLECK_ERR_STATE below
 * FLECK_PHOTOS_MIN. To cancel is simply not to step on: what was learnt
 * before stays in use until the last step is done. */
fleck_status fleck_train_begin(fleck_detector *det);

/* One step, a fraction of a second for usual folders; of the paper's recipe one
 * iteration, seconds to minutes. */
fleck_status fleck_train_step(fleck_detector *det, fleck_progress *out);

/* Scores features ([P, D] and [D]; borrowed) of any photo; those that are not
 * finite are refused.
 *
 * heat   receives FLECK_HEAT*FLECK_HEAT floats in [0,1], on the folder's
 *        scale, never the photo's own; may be NULL.
 * score  receives the photo's score in [0,1]; higher is more anomalous.
 *
 * FLECK_ERR_STATE before training ends. */
fleck_status fleck_score(fleck_detector *det, const fleck_half *patch, const fleck_half *cls,
                         float *heat, float *score);

/* The same for a photo of the folder by its index; its own patches never
 * vouch for it. */
fleck_status fleck_score_added(fleck_detector *det, uint32_t index, float *heat, float *score);

/* The folder that was trained on. FLECK_ERR_STATE before training ends, and with a
 * model that was loaded, whose folder is gone. */
fleck_status fleck_judge_folder(fleck_detector *det, fleck_folder_verdict *out);

/* The threshold: scores from it on are called defects; those from the same share of it on that
 * FLECK_LOOK is of FLECK_DEFECT deserve a look. FLECK_DEFECT until another is set or loaded, in
 * (0, 1], and again after fleck_clear. Models keep it. It changes verdicts, never scores.
 * FLECK_ERR_ARGUMENT for any other number. */
fleck_status fleck_set_threshold(fleck_detector *det, float threshold);
float fleck_threshold(const fleck_detector *det);

/* The verdict that belongs to a score, by the threshold alone. */
fleck_verdict fleck_judge(const fleck_detector *det, float score);

/* The smallest area that counts, as a share of the photo's area, 0 to 1: regions of less are none,
 * and a photo that has no other is not called a defect. 0, the default, lets all count, those of a
 * single point too. It changes verdicts and regions, never scores. Set, kept by models and
 * forgotten as the threshold is. FLECK_ERR_ARGUMENT for any other number. */
fleck_status fleck_set_smallest_area(fleck_detector *det, float share);
float fleck_smallest_area(const fleck_detector *det);

/* The regions of a photo: the connected places where its heatmap reaches the threshold, those below
 * the smallest area left out. Pixels of the map that touch at a corner alone are connected.
 * Contours are drawn by marching squares and closed along the frame's edge: outlines clockwise,
 * holes the other way.
 *
 * heat   FLECK_HEAT*FLECK_HEAT floats, as fleck_score gives them; borrowed.
 * width, height  of the photo as it is seen (fleck_photo_size). All lengths in *out are in its
 *        pixels.
 * out    receives the regions, the hottest first, none where the photo is not called. The lists in
 *        it are the detector's, 2 MB at most, until this function succeeds again, or
 *        fleck_destroy.
 *
 * A photo whose score is the threshold or more has a region, another has none: the hottest spot of
 * a heatmap has its photo's score. With a smallest area above 0 the first need not have one. Same
 * heat, same bits. FLECK_ERR_ARGUMENT for heat outside of 0 to 1 and for sizes that no photo has;
 * FLECK_ERR_STATE before a backbone is loaded. */
fleck_status fleck_find_regions(fleck_detector *det, const float *heat, uint32_t width,
                                uint32_t height, fleck_regions *out);

/* The verdict of a photo by its score and the number of its regions: that of fleck_judge, but where
 * the score is a defect's and no region counts, the photo deserves a look. */
fleck_verdict fleck_judge_regions(const fleck_detector *det, float score, uint32_t count);

/* ---- marks ----
 *
 * An inspector marks photos, or spots on them, good or a defect. What looks like a good mark
 * becomes less unusual, what looks like a defect's more (src/model/marks.h), and what is marked is
 * as it is marked, whatever the scores of others make of it: a photo marked good is ok, one marked
 * a defect, or with a spot that is one, is a defect, at any threshold below 1. Scores, heatmaps,
 * regions and the folder's verdict follow at the next call that asks for them.
 *
 * Marks survive another training and another area of interest; models keep them, but not whose
 * photos they were beyond recognising these. fleck_clear forgets them, and fleck_load takes those
 * of the file in their place. The order in which they are made does not matter, nor does one made
 * twice. */

/* Marks a photo that was added, or, unless spot is NULL, a spot on it, in shares of the photo's
 * width and height as it is seen, 0 to 1 (as fleck_set_area's points). FLECK_MARK_NONE takes the
 * mark back. A mark of the photo replaces all on it; one of a spot replaces the one there, and a
 * defect's the photo's own good mark.
 *
 * FLECK_ERR_ARGUMENT, and all stays as it was, for a spot outside of the area of interest, unless
 * it is in a patch that counts, or of what is looked at, and for a photo that is not there;
 * FLECK_ERR_STATE before training ends, and with a model saved by a version before marks. */
fleck_status fleck_mark_added(fleck_detector *det, uint32_t index, const fleck_point *spot,
                              fleck_mark mark);

/* The same of any other photo by its features ([P, D] and [D]; borrowed). */
fleck_status fleck_mark_photo(fleck_detector *det, const fleck_half *patch, const fleck_half *cls,
                              const fleck_point *spot, fleck_mark mark);

/* Adds the marks of a saved model, of the same folder or another, to those that there are: what was
 * marked there teaches here. A photo or spot that is marked already stays as it is. The model must
 * have been made with the same backbone, input, blocks, preset, precision and tiles, and is refused
 * by name otherwise, as by fleck_load; nothing else of it is taken. FLECK_ERR_STATE before a
 * backbone is loaded. */
fleck_status fleck_add_marks(fleck_detector *det, const uint8_t *bytes, size_t size);

/* How many there are. */
uint32_t fleck_mark_count(const fleck_detector *det);

/* Lists them: out receives fleck_mark_count of them. Their order follows from what is marked, not
 * from when, and a photo's own mark comes before those of its spots: made again in this order, on
 * these photos and spots, they change every score as they did, bit for bit. FLECK_ERR_STATE before
 * training ends. */
fleck_status fleck_list_marks(fleck_detector *det, fleck_made_mark *out);

/* What a photo is known by to its marks, from its features ([P, D]; borrowed). Photos that are
 * equal have one hash, and one's marks are the other's. FLECK_ERR_STATE before a backbone is
 * loaded. */
fleck_status fleck_known_by(fleck_detector *det, const fleck_half *patch, uint32_t hash[2]);

/* The same of a photo that was added. FLECK_ERR_ARGUMENT where it is not there. */
fleck_status fleck_known_by_added(fleck_detector *det, uint32_t index, uint32_t hash[2]);

/* Forgets all of them. */
void fleck_clear_marks(fleck_detector *det);

/* How the marks compare with what fleck says of each by all others, and the threshold that they
 * propose, which is not set. FLECK_ERR_STATE before training ends. */
fleck_status fleck_review_marks(fleck_detector *det, fleck_review *out);

/* The photos of the folder, without a mark of their own yet, whose marks would tell most: those
 * whose scores are nearest to the threshold, the nearest first.
 *
 * photo  receives up to *count indices.
 * count  receives how many those are.
 *
 * FLECK_ERR_STATE before training ends, and with a model that was loaded. */
fleck_status fleck_propose_marks(fleck_detector *det, uint32_t *photo, uint32_t *count);

/* "none", "good" or "defect". */
const char *fleck_mark_name(fleck_mark mark);

/* Regions of many photos are put into groups of those that look alike: scratches, stains. What they
 * are called is for people to say. Begins anew, without any region; features and heatmaps of the
 * photos are added then, one photo after the other, in any order, and the groups can be asked for
 * at any time. What was added stays, 4*(D+1) bytes a region and 8*D*D in all, until this function
 * is called again, or the tiles or the area become others. FLECK_ERR_STATE before a backbone is
 * loaded. */
fleck_status fleck_groups_begin(fleck_detector *det);

/* Adds the regions of a photo: those that fleck_find_regions gives for the same heatmap and size at
 * this time, in their order; none where it has none. It compares them with patches of the photo
 * that do not deserve a look, or with all where every one does.
 *
 * patch  P*D features, as fleck_extract gives them; borrowed, as heat is.
 * heat   FLECK_HEAT*FLECK_HEAT floats, as fleck_score gives them.
 * width, height  of the photo as it is seen.
 *
 * FLECK_ERR_ARGUMENT as of fleck_find_regions, for features that are not finite, and for more than
 * 2^20 regions in all; FLECK_ERR_STATE before fleck_groups_begin. Then nothing was added. */
fleck_status fleck_groups_add(fleck_detector *det, const fleck_half *patch, const float *heat,
                              uint32_t width, uint32_t height);

/* The same of a photo of the folder by its index, with the heatmap of fleck_score_added. */
fleck_status fleck_groups_add_added(fleck_detector *det, uint32_t index, const float *heat,
                                    uint32_t width, uint32_t height);

/* Groups all regions added since fleck_groups_begin; none are no group. The largest group comes
 * first; a region that is like no other is a group of its own. Same regions, same groups, whatever
 * the order of adding. Of more than 2048 regions, a part that follows from their looks makes up the
 * groups, which the others join. The lists in *out are the detector's until this function succeeds
 * again, or fleck_destroy. FLECK_ERR_STATE before fleck_groups_begin. */
fleck_status fleck_groups_find(fleck_detector *det, fleck_groups *out);

/* Why a place of a photo looks unusual, or does not: the places of the folder's photos that are
 * most like it, of each photo one, and how usual it is to be as far from others. Patches are
 * compared by the distance of their features, or of the means of 3 x 3 of them where the method
 * draws its maps from these: the same distance as to a memory's rows, but to all patches of all
 * photos that were added. (Methods that do not compare patches, too, are explained by what others
 * look like.)
 *
 * patch    a photo's features ([P, D]; borrowed), as for fleck_score.
 * x, y     the place, in shares of the photo's width and height as it is seen, 0 to 1. In an area
 *          of interest the nearest patch that counts is asked about.
 * count    of similar places at most, each of another photo.
 * similar  [count]: receives them, the nearest first; may be NULL where count is 0.
 *
 * Needs photos, but neither training nor a model. An answer takes one product of D numbers for each
 * patch of the folder: 30 ms of one thread for 200 photos of the built-in backbone. The first one,
 * and the first after photos were added or after another area or method, prepares for others:
 * 0.25 s for these 200, 0.55 s for 1,000.
 *
 * FLECK_ERR_ARGUMENT for a place outside of the photo, of the part of it that is looked at
 * (fleck_feature_shape), or of the area of interest, and for features that are not finite;
 * FLECK_ERR_STATE where fewer than two photos were added: a model that was loaded brings none. */
fleck_status fleck_explain(fleck_detector *det, const fleck_half *patch, float x, float y,
                           uint32_t count, fleck_similar *similar, fleck_explanation *out);

/* The same for a photo of the folder by its index; its own patches never vouch for it, those of
 * photos that are equal to it do. */
fleck_status fleck_explain_added(fleck_detector *det, uint32_t index, float x, float y,
                                 uint32_t count, fleck_similar *similar, fleck_explanation *out);

/* The photo to show beside one, or in turns with it: of the folder's photos whose scores are below
 * the threshold the one that it is nearest to place by place, by the mean distance between patches
 * that lie at the same place. So products that lie alike are compared with one that lies alike;
 * a defect, which is small, hardly counts. patch as for fleck_explain; index receives the photo's.
 * FLECK_ERR_STATE without what was learnt, without photos, and where no score is below. */
fleck_status fleck_nearest_normal(fleck_detector *det, const fleck_half *patch, uint32_t *index);

/* The same for a photo of the folder; it is another one. */
fleck_status fleck_nearest_normal_added(fleck_detector *det, uint32_t photo, uint32_t *index);

/* "ok", "look" or "defect". */
const char *fleck_verdict_name(fleck_verdict verdict);

/* Writes what was learnt (not the backbone, not the photos). *size receives
 * the bytes needed; with out NULL nothing else happens, with too small a
 * capacity FLECK_ERR_ARGUMENT. */
fleck_status fleck_save(fleck_detector *det, uint8_t *out, size_t capacity, size_t *size);

/* Reads it back into a detector with the same backbone, input, blocks,
 * preset and precision; anything else is refused by name. Added photos stay, and must have the
 * model's tiles; without any these are set. Photos of 16 bits are read from now on as the model's
 * were, and its area of interest becomes the detector's, with the part that it follows. */
fleck_status fleck_load(fleck_detector *det, const uint8_t *bytes, size_t size);

/* The options that a saved model was trained with, so that a detector can be
 * configured for it: method, preset, input, blocks, seed and precision of
 * *options are replaced. det only carries the message of a failure. */
fleck_status fleck_peek_options(fleck_detector *det, const uint8_t *bytes, size_t size,
                                fleck_options *options);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
