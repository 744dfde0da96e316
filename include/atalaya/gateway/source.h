/* SPDX-License-Identifier: Apache-2.0 */
/* Where samples come from: a table of kinds (gateway/source/source.c), one file each. A receive thread owns a
 * source. Frame sources (a KISS modem, a base radio) give no samples: they live in the main thread, see
 * tnc.h; only source_probe knows them too. */
#ifndef ATALAYA_GATEWAY_SOURCE_H
#define ATALAYA_GATEWAY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

enum {
    SOURCE_BLOCK_FRAMES = 1024
}; /* at most so many frames in one block; sources at low rates give less (20 ms) */

struct source; /* one open device or file */

struct source_format {
    double rate_hz;
    unsigned lanes;   /* audio channels, interleaved; of IQ always 2: I, then Q */
    bool iq;          /* complex baseband: a band of radio channels, not audio */
    double centre_hz; /* of IQ: the radio frequency at 0 Hz of the baseband; 0 = not known */
};

/* One block. samples is the source's and lasts until the next read. */
struct source_block {
    const float *samples; /* [size: frames * lanes], nominal -1..1, interleaved */
    size_t frames;
    uint64_t first_frame;  /* index since the source was opened; frames lost by the device are counted in */
    int64_t first_mono_ns; /* when the first frame was at the antenna's side of the device, monotonic */
    uint64_t lost;         /* frames the device dropped just before this block (overrun) */
};

/* Opens the device or file. All memory is taken here. Errors have been logged, with what to do. */
enum atalaya_result source_open(const struct config_source *settings, struct source **source);
/* The same; *why [size: size]: what was opened, or why not and what to do. */
enum atalaya_result source_open_why(const struct config_source *settings, struct source **source, char *why,
                                    size_t size);
const struct source_format *source_format(const struct source *source);
/* Samples come in their own time: a full hand-over must not wait for room. */
bool source_is_live(const struct source *source);
/* Waits at most 100 ms for samples. ATALAYA_OK with frames 0: nothing yet. ATALAYA_END: no more will come.
 * ATALAYA_E_GONE: the device is lost; close it and open it again later. No allocation. */
enum atalaya_result source_read(struct source *source, struct source_block *block);
uint64_t source_lost_frames(const struct source *source); /* all blocks' lost together */
/* Another band of a running software radio: blocks that follow are of the new frequency, what was under way
 * of the old one counts as lost. ATALAYA_E_UNSUPPORTED: this source cannot; ATALAYA_E_RANGE: not so far;
 * ATALAYA_E_GONE. On the thread that reads. */
enum atalaya_result source_tune(struct source *source, double centre_hz);
/* gain_db NaN: automatic. Results and thread as above. */
enum atalaya_result source_set_gain(struct source *source, double gain_db);
void source_close(struct source *source); /* NULL is allowed */

/* The configuration word of a kind: "alsa". Any thread. */
const char *source_kind_text(enum config_source_type type);

/* One line about whether the source could be opened now, for `atalaya check`: true = it can. text [size:
 * size]. */
bool source_probe(const struct config_source *settings, char *text, size_t size);

struct level;
/* Opens a live source of samples, hears it for about so long and closes it. false: it does not open, or
 * nothing comes in three times that. *level is all that came, *iq whether it is complex baseband. For
 * `atalaya check`. */
bool source_hear(const struct config_source *settings, double seconds, struct level *level, bool *iq);

#endif
