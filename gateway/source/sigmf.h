/* SPDX-License-Identifier: Apache-2.0 */
/* SigMF, the Signal Metadata Format (sigmf.org, version 1): a .sigmf-meta file of JSON says what the samples
 * in the .sigmf-data file beside it are. */
#ifndef GATEWAY_SOURCE_SIGMF_H
#define GATEWAY_SOURCE_SIGMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

enum { SIGMF_META_BYTES_MAX = 16 << 20 }; /* annotations can be many */

struct sigmf_meta {
    enum config_sample_format format;
    double rate_hz;
    double centre_hz;      /* of the first capture; NaN: not said */
    uint64_t header_bytes; /* in front of its samples */
    bool retuned;          /* later captures lie elsewhere: what follows the first is off its frequency */
};

/* The metadata, hostile or not. Errors: ATALAYA_E_FORMAT, ATALAYA_E_UNSUPPORTED; why [size: size] says more.
 */
enum atalaya_result sigmf_parse(const char *text, size_t length, struct sigmf_meta *meta, char *why,
                                size_t size);
/* Whether the name ends like one of the two files of a recording. */
bool sigmf_is_name(const char *path);
/* The names of both files [size: CONFIG_PATH_MAX each], of which path is one; false: too long. */
bool sigmf_names(const char *path, char *meta, char *data);

#endif
