/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/sigmf_writer.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "atalaya/gateway/clock.h"

enum { PIECE = 1024, BYTES = 8 };
#define HALF_WIDTH_HZ 6250.0 /* of a transmission's annotation */

enum atalaya_result sigmf_writer_open(struct sigmf_writer *writer, const char *stem)
{
    writer->samples = 0;
    writer->transmission_count = 0;
    if (strlen(stem) + sizeof ".sigmf-meta" > CONFIG_PATH_MAX)
        return ATALAYA_E_LENGTH;
    snprintf(writer->meta_path, sizeof writer->meta_path, "%s.sigmf-meta", stem);
    snprintf(writer->data_path, sizeof writer->data_path, "%s.sigmf-data", stem);
    writer->file = fopen(writer->data_path, "wbx");
    return writer->file ? ATALAYA_OK : ATALAYA_E_IO;
}

static void put_number(float value, uint8_t *to)
{
    uint32_t word;
    memcpy(&word, &value, sizeof word);
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(word >> 8 * i);
}

enum atalaya_result sigmf_writer_add(struct sigmf_writer *writer, const float complex *iq, size_t count)
{
    uint8_t bytes[PIECE * BYTES];
    while (count > 0) {
        size_t now = count < PIECE ? count : PIECE;
        for (size_t i = 0; i < now; i++) {
            put_number(crealf(iq[i]), bytes + i * BYTES);
            put_number(cimagf(iq[i]), bytes + i * BYTES + 4);
        }
        if (fwrite(bytes, BYTES, now, writer->file) != now)
            return ATALAYA_E_IO;
        writer->samples += now;
        iq += now;
        count -= now;
    }
    return ATALAYA_OK;
}

void sigmf_writer_note(struct sigmf_writer *writer, const struct sigmf_transmission *transmission)
{
    if (writer->file && writer->transmission_count < SIGMF_TRANSMISSIONS_MAX)
        writer->transmissions[writer->transmission_count++] = *transmission;
}

static bool set_number(json_t *object, const char *key, double value)
{
    return !isfinite(value) || json_object_set_new(object, key, json_real(value)) == 0;
}

static json_t *annotation_make(const struct sigmf_writer *writer, const struct sigmf_transmission *was)
{
    json_t *made =
        json_pack("{s:I, s:I, s:s}", "core:sample_start", (json_int_t)was->first_sample, "core:sample_count",
                  (json_int_t)(was->end_sample - was->first_sample), "core:label", "transmission");
    bool good = made && set_number(made, "atalaya:rssi_dbfs", was->level_dbfs) &&
                set_number(made, "atalaya:snr_db", was->snr_db) &&
                set_number(made, "atalaya:offset_hz", was->offset_hz) &&
                set_number(made, "core:freq_lower_edge", writer->frequency_hz - HALF_WIDTH_HZ) &&
                set_number(made, "core:freq_upper_edge", writer->frequency_hz + HALF_WIDTH_HZ);
    if (good)
        return made;
    json_decref(made);
    return NULL;
}

static bool meta_write(const struct sigmf_writer *writer)
{
    char text[CLOCK_TEXT_MAX];
    json_t *capture = json_pack("{s:i}", "core:sample_start", 0), *annotations = json_array();
    bool good = capture && annotations && set_number(capture, "core:frequency", writer->frequency_hz);
    if (good && writer->utc_ns != INT64_MIN)
        good = json_object_set_new(capture, "core:datetime",
                                   json_string(clock_format(writer->utc_ns, text))) == 0;
    for (unsigned i = 0; good && i < writer->transmission_count; i++)
        good = json_array_append_new(annotations, annotation_make(writer, &writer->transmissions[i])) == 0;
    json_t *root = json_pack("{s:{s:s, s:f, s:s, s:s}, s:[o], s:o}", "global", "core:datatype", "cf32_le",
                             "core:sample_rate", writer->rate_hz, "core:version", "1.0.0", "core:recorder",
                             "atalaya capture", "captures", capture, "annotations", annotations);
    good = good && root &&
           json_dump_file(root, writer->meta_path, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0;
    json_decref(root);
    return good;
}

enum atalaya_result sigmf_writer_close(struct sigmf_writer *writer)
{
    if (!writer->file)
        return ATALAYA_OK;
    bool good = fclose(writer->file) == 0;
    writer->file = NULL;
    return meta_write(writer) && good ? ATALAYA_OK : ATALAYA_E_IO;
}
