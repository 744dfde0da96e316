/* SPDX-License-Identifier: Apache-2.0 */
/* Records what is sent on a channel: from some time before a transmission to some time after it, each in a
 * file of its own. One thread. */
#ifndef ATALAYA_CAPTURE_RECORDER_H
#define ATALAYA_CAPTURE_RECORDER_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

struct recorder_setting {
    const char *folder, *channel;
    double rate_hz, frequency_hz;     /* NaN: not known */
    double before_s, after_s, most_s; /* most_s: of one file; what goes on longer is cut off */
    uint64_t *bytes_left;             /* of all channels: nothing is written beyond */
    /* A file is complete. */
    void (*done)(void *context, const char *path, double seconds, unsigned transmissions);
    void *context;
};

struct recorder;

/* Strings of setting must outlive it. Errors: ATALAYA_E_ARGUMENT (rate), ATALAYA_E_MEMORY. */
enum atalaya_result recorder_create(struct recorder **recorder, const struct recorder_setting *setting);
/* newest_utc_ns: when the last of these samples was; INT64_MIN: not known, files are named by the seconds
 * since the beginning. Errors: ATALAYA_E_IO (a file cannot be written), ATALAYA_E_FULL (no bytes left). */
enum atalaya_result recorder_execute(struct recorder *recorder, const float complex *iq, size_t count,
                                     int64_t newest_utc_ns);
/* Samples are missing before the next ones. */
enum atalaya_result recorder_restart(struct recorder *recorder);
/* Ends what is being written. NULL is allowed. */
enum atalaya_result recorder_destroy(struct recorder *recorder);

#endif
