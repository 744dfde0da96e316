/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of sources share. Each kind is one file, one row of the table in source.c. */
#ifndef GATEWAY_SOURCE_PRIVATE_H
#define GATEWAY_SOURCE_PRIVATE_H

#include "atalaya/gateway/source.h"

enum {
    SOURCE_LANES_MAX = 8,
    SOURCE_RATE_MIN_HZ = 8000,
    SOURCE_RATE_MAX_HZ = 10000000, /* beyond every device; keeps a hostile header from asking for more */
    SOURCE_WAIT_MS = 100,          /* source_read's promise */
    SOURCE_TEXT_MAX = 1024,        /* one line for a technician, paths included */
    SOURCE_BLOCK_RATE_MIN_HZ = 50  /* a block is at most 1/50 s, so that latency does not grow at low rates */
};

struct source_kind {
    enum config_source_type type;
    const char *name; /* as in the configuration */
    bool live;        /* samples come in their own time: a full hand-over must not wait for room */
    /* text [size: size] receives one line: what was opened, or why not and what to do. */
    enum atalaya_result (*open)(const struct config_source *settings, struct source **source, char *text,
                                size_t size);
    /* Sets samples, frames, first_mono_ns and lost; the wrapper in source.c counts first_frame. */
    enum atalaya_result (*read)(struct source *source, struct source_block *block);
    void (*close)(struct source *source);
    /* As source_tune and source_set_gain; NULL: cannot. */
    enum atalaya_result (*tune)(struct source *source, double centre_hz);
    enum atalaya_result (*set_gain)(struct source *source, double gain_db);
    /* NULL: trying to open is the probe. */
    bool (*probe)(const struct config_source *settings, char *text, size_t size);
};

/* First member of every kind's own struct. */
struct source {
    const struct source_kind *kind; /* set by open where it is not the kind that opened */
    char name[CONFIG_NAME_MAX];
    struct source_format format;
    size_t block_frames; /* [1, SOURCE_BLOCK_FRAMES] */
    uint64_t next_frame; /* index of the first frame not yet given out */
    uint64_t lost_frames;
};

extern const struct source_kind source_kind_file, source_kind_stdin, source_kind_alsa, source_kind_rtl_tcp,
    source_kind_soapy;
extern const struct source_kind source_kind_raw_file; /* what opening a file without a header gives */

/* Fills name, format and block_frames after checking rate and lanes; text says what is wrong with them. */
enum atalaya_result source_base_init(struct source *source, const struct config_source *settings,
                                     double rate_hz, unsigned lanes, char *text, size_t size);

/* Then, where the lanes are I and Q: checks that there are two, and sets the centre. */
enum atalaya_result source_base_set_iq(struct source *source, const struct config_source *settings,
                                       char *text, size_t size);
/* "48000 Hz, 2 audio channels"; returns text. */
const char *source_base_describe(const struct source *source, char *text, size_t size);

/* snprintf for messages, where a cut tail is harmless. */
void source_say(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* --- pace.c: a recording played in real time, as if a receiver delivered it --- */
struct source_pace {
    bool on;
    double rate_hz;
    int64_t origin_ns; /* when frame 0 was at the antenna */
};

/* Whether everything before frame `end` has been received by now; waits for it, at most SOURCE_WAIT_MS. */
bool source_pace_wait(const struct source_pace *pace, uint64_t end);
int64_t source_pace_mono_ns(const struct source_pace *pace, uint64_t frame);
int64_t source_frames_ns(double frames, double rate_hz); /* duration */

#endif
