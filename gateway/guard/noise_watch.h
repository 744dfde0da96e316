/* SPDX-License-Identifier: Apache-2.0 */
/* A deaf receiver makes no error message. What it does make is less noise than it used to, or more, or
 * samples that are all equal or all at the limit: that is watched here, for one channel, against what the
 * channel has learnt to be usual. Receive thread; no allocation. */
#ifndef ATALAYA_NOISE_WATCH_H
#define ATALAYA_NOISE_WATCH_H

#include <stdbool.h>

enum noise_fault {
    NOISE_WELL,
    NOISE_SILENT,  /* every sample is the same */
    NOISE_CLIPPED, /* samples stand at the limit all the time */
    NOISE_FALLEN,  /* far quieter than usual */
    NOISE_RISEN,   /* never as quiet as usual any more */
    NOISE_FAULT_COUNT
};
/* "silent", "noise_fallen", ... */
const char *noise_fault_text(enum noise_fault fault);

#define NOISE_WINDOW_S  10.0 /* what is judged at a time */
#define NOISE_PIECE_S   0.25 /* levels are means of so long */
#define NOISE_CLIP_MOST 0.01 /* of the samples at the limit are too many */
#define NOISE_BACK_DB   3.0  /* a fault of level is over this much before its limit */

struct noise_settings {
    double fall_db, rise_db; /* from the usual level; 0: not watched */
    double after_s; /* so long without a break, and it is a fault; a sixth without it, and it is over */
    double learn_s; /* a usual level younger than this raises no fault */
};

/* Levels in dBFS. Complex baseband is quiet unless somebody is there: its quietest piece is the noise. Audio
 * of a discriminator is loudest when nobody is there, audio behind a squelch is silent: deaf is what
 * stays below the loudest piece, and interference what stays above the quietest. */
struct noise_usual {
    double quietest_dbfs, loudest_dbfs; /* NaN: not known */
    double age_s;                       /* of signal that they rest on */
};

struct noise_figures {
    enum noise_fault fault;
    double level_dbfs; /* what is compared with usual_dbfs, of the last window; NaN: not yet known */
    double usual_dbfs; /* NaN likewise */
    struct noise_usual usual;
};

/* A condition that holds for a while, and then not for a while. */
struct noise_steady {
    double bad_s, good_s;
    bool on;
};

struct noise_watch {
    struct noise_settings settings;
    bool iq;
    struct noise_usual usual;
    struct noise_steady steady[NOISE_FAULT_COUNT];
    /* the piece and the window under way */
    double piece_power, piece_s, window_s;
    double quietest_dbfs, loudest_dbfs;
    double judged_dbfs; /* of the last window */
    bool any_life, any_sample;
    double clipped, samples;
};

/* usual: from an earlier run, or NULL. */
void noise_watch_reset(struct noise_watch *watch, const struct noise_settings *settings,
                       const struct noise_usual *usual);
/* `seconds` of signal with that mean level. alive: some samples differed; clipped of so many samples stood at
 * the limit. */
void noise_watch_execute(struct noise_watch *watch, double level_dbfs, double seconds, bool alive,
                         double clipped, double samples);
/* The source was opened (again), and gives complex baseband or audio: the window under way does not count,
 * the rest stays. */
void noise_watch_open(struct noise_watch *watch, bool iq);
void noise_watch_figures(const struct noise_watch *watch, struct noise_figures *figures);

#endif
