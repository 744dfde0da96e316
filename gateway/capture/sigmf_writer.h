/* SPDX-License-Identifier: Apache-2.0 */
/* Writes one recording as SigMF (sigmf.org, version 1): samples as they come, what is known of them at the
 * end. Without its .sigmf-meta a recording is one that was cut off: its samples are cf32_le. */
#ifndef ATALAYA_CAPTURE_SIGMF_WRITER_H
#define ATALAYA_CAPTURE_SIGMF_WRITER_H

#include <complex.h>
#include <stdint.h>
#include <stdio.h>

#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

enum { SIGMF_TRANSMISSIONS_MAX = 64 };

/* A transmission inside a recording. NaN: not known. */
struct sigmf_transmission {
    uint64_t first_sample, end_sample; /* of the recording */
    double level_dbfs, snr_db, offset_hz;
};

struct sigmf_writer {
    char meta_path[CONFIG_PATH_MAX], data_path[CONFIG_PATH_MAX];
    FILE *file;
    double rate_hz, frequency_hz; /* NaN: not known */
    int64_t utc_ns;               /* of the first sample; INT64_MIN: not known */
    uint64_t samples;
    struct sigmf_transmission transmissions[SIGMF_TRANSMISSIONS_MAX];
    unsigned transmission_count;
};

/* stem: path without ending. Nothing that exists is overwritten. Errors: ATALAYA_E_LENGTH, ATALAYA_E_IO. */
enum atalaya_result sigmf_writer_open(struct sigmf_writer *writer, const char *stem);
enum atalaya_result sigmf_writer_add(struct sigmf_writer *writer, const float complex *iq, size_t count);
/* More than SIGMF_TRANSMISSIONS_MAX are left out. */
void sigmf_writer_note(struct sigmf_writer *writer, const struct sigmf_transmission *transmission);
/* Writes the metadata. What is not open is no error. */
enum atalaya_result sigmf_writer_close(struct sigmf_writer *writer);

#endif
