/* SPDX-License-Identifier: Apache-2.0 */
#include "sigmf.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/json.h"

static const char meta_suffix[] = ".sigmf-meta", data_suffix[] = ".sigmf-data";

enum { SUFFIX = sizeof meta_suffix - 1 };

static const struct {
    const char *name;
    enum config_sample_format format;
} datatypes[] = {{"cu8", SAMPLE_CU8},      {"ci8", SAMPLE_CS8},     {"ci16_le", SAMPLE_CS16},
                 {"cf32_le", SAMPLE_CF32}, {"ri16_le", SAMPLE_S16}, {"rf32_le", SAMPLE_F32}};

static bool ends_with(const char *path, const char *suffix)
{
    size_t length = strlen(path);
    return length > SUFFIX && strcmp(path + length - SUFFIX, suffix) == 0;
}

bool sigmf_is_name(const char *path)
{
    return ends_with(path, meta_suffix) || ends_with(path, data_suffix);
}

bool sigmf_names(const char *path, char *meta, char *data)
{
    size_t length = strlen(path);
    if (length <= SUFFIX || length >= CONFIG_PATH_MAX)
        return false;
    memcpy(meta, path, length + 1);
    memcpy(data, path, length + 1);
    memcpy(meta + length - SUFFIX, meta_suffix, SUFFIX);
    memcpy(data + length - SUFFIX, data_suffix, SUFFIX);
    return true;
}

static enum atalaya_result refuse(enum atalaya_result result, const char *text, char *why, size_t size)
{
    snprintf(why, size, "%s", text);
    return result;
}

static enum atalaya_result parse_global(const json_t *global, struct sigmf_meta *meta, char *why, size_t size)
{
    const char *datatype = json_string_value(json_object_get(global, "core:datatype"));
    if (!datatype)
        return refuse(ATALAYA_E_FORMAT, "global has no core:datatype", why, size);
    size_t row = 0;
    while (row < sizeof datatypes / sizeof *datatypes && strcmp(datatypes[row].name, datatype) != 0)
        row++;
    if (row == sizeof datatypes / sizeof *datatypes) {
        snprintf(why, size,
                 "core:datatype %.16s cannot be read: cu8, ci8, ci16_le, cf32_le, ri16_le, rf32_le can",
                 datatype);
        return ATALAYA_E_UNSUPPORTED;
    }
    meta->format = datatypes[row].format;
    meta->rate_hz = json_get_real(global, "core:sample_rate");
    if (!(meta->rate_hz > 0.0))
        return refuse(ATALAYA_E_FORMAT, "global has no core:sample_rate", why, size);
    double channels = json_get_real(global, "core:num_channels");
    if (!isnan(channels) && channels != 1.0)
        return refuse(ATALAYA_E_UNSUPPORTED, "core:num_channels is more than one", why, size);
    if (json_object_get(global, "core:dataset") ||
        json_is_true(json_object_get(global, "core:metadata_only")) ||
        json_get_real(global, "core:trailing_bytes") > 0.0)
        return refuse(ATALAYA_E_UNSUPPORTED, "its samples are not in a conforming .sigmf-data file", why,
                      size);
    return ATALAYA_OK;
}

static enum atalaya_result parse_captures(const json_t *captures, struct sigmf_meta *meta, char *why,
                                          size_t size)
{
    const double header_most = 1e9;
    const json_t *first = json_array_get(captures, 0);
    meta->centre_hz = json_get_real(first, "core:frequency");
    if (!isnan(meta->centre_hz) && !(meta->centre_hz >= 0.0 && meta->centre_hz <= 1e12))
        return refuse(ATALAYA_E_FORMAT, "core:frequency is no radio frequency", why, size);
    double header = json_get_real(first, "core:header_bytes");
    if (!isnan(header) && !(header >= 0.0 && header <= header_most))
        return refuse(ATALAYA_E_FORMAT, "core:header_bytes makes no sense", why, size);
    meta->header_bytes = isnan(header) ? 0 : (uint64_t)header;
    for (size_t i = 1; i < json_array_size(captures); i++) {
        const json_t *later = json_array_get(captures, i);
        double hz = json_get_real(later, "core:frequency");
        meta->retuned = meta->retuned || (!isnan(hz) && hz != meta->centre_hz);
        if (json_get_real(later, "core:header_bytes") > 0.0)
            return refuse(ATALAYA_E_UNSUPPORTED, "a later capture has core:header_bytes", why, size);
    }
    return ATALAYA_OK;
}

enum atalaya_result sigmf_parse(const char *text, size_t length, struct sigmf_meta *meta, char *why,
                                size_t size)
{
    json_error_t error;
    *meta = (struct sigmf_meta){.centre_hz = (double)NAN};
    if (length > SIGMF_META_BYTES_MAX)
        return refuse(ATALAYA_E_UNSUPPORTED, "the metadata are too long", why, size);
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        snprintf(why, size, "line %d: %s", error.line, error.text);
        return ATALAYA_E_FORMAT;
    }
    enum atalaya_result result = parse_global(json_object_get(root, "global"), meta, why, size);
    if (result == ATALAYA_OK)
        result = parse_captures(json_object_get(root, "captures"), meta, why, size);
    json_decref(root);
    return result;
}
