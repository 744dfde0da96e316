/* SPDX-License-Identifier: Apache-2.0 */
/* A recording of complex baseband: all transmissions are gathered, then the band is written in one go, raw or
 * as SigMF, whose annotations say what was sent where and when. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/band_generator.h"
#include "encode/recording.h"
#include "source/sigmf.h"

enum { PIECE = 4096, NUMBER_BYTES_MAX = 4 };
#define CHANNEL_HALF_HZ 6250.0 /* of an annotation */

struct recording {
    struct recording_settings settings;
    struct band_generator *generator;
    FILE *file;
    char meta_path[CONFIG_PATH_MAX], data_path[CONFIG_PATH_MAX]; /* meta_path "": raw */
    json_t *annotations;
};

static uint64_t clipped; /* numbers beyond full scale */

struct form {
    const char *name, *sigmf;
    size_t bytes;
    double scale, zero, least, most;
};

static const struct form forms[] = {{"cu8", "cu8", 1, 127.5, 127.5, 0, 255},
                                    {"cs8", "ci8", 1, 127, 0, -127, 127},
                                    {"cs16", "ci16_le", 2, 32767, 0, -32767, 32767},
                                    {"cf32", "cf32_le", 4, 0, 0, 0, 0}};

static const struct form *form_find(const char *name)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}

/* Little-endian, whatever this machine is. */
static void put_number(const struct form *form, float value, uint8_t *to)
{
    uint32_t word;
    if (form->scale > 0.0) {
        double exact = rint((double)value * form->scale + form->zero);
        clipped += exact < form->least || exact > form->most;
        word = (uint32_t)(int32_t)fmin(fmax(exact, form->least), form->most);
    } else
        memcpy(&word, &value, sizeof word);
    for (size_t i = 0; i < form->bytes; i++)
        to[i] = (uint8_t)(word >> 8 * i);
}

static bool open_output(struct recording *band)
{
    const char *path = band->settings.path;
    bool sigmf = sigmf_is_name(path);
    if (strlen(path) >= sizeof band->data_path)
        fprintf(stderr, "atalaya encode: the path %.40s... is too long\n", path);
    else if (sigmf && !sigmf_names(path, band->meta_path, band->data_path))
        fprintf(stderr, "atalaya encode: %s is no name of a recording\n", path);
    else {
        if (!sigmf)
            strcpy(band->data_path, path);
        band->file = fopen(band->data_path, "wb");
        if (!band->file)
            fprintf(stderr, "atalaya encode: %s: %s\n", band->data_path, strerror(errno));
    }
    return band->file != NULL;
}

struct recording *band_create(const struct recording_settings *settings)
{
    struct recording *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->settings = *settings;
    made->annotations = json_array();
    bool good = made->annotations && open_output(made);
    if (good && band_generator_create(&made->generator, settings->rate_hz, settings->noise_dbfs,
                                      settings->seed) != ATALAYA_OK) {
        fprintf(stderr, "atalaya encode: a band of %g Hz cannot be made\n", settings->rate_hz);
        good = false;
    }
    if (good)
        return made;
    band_destroy(made);
    return NULL;
}

void band_destroy(struct recording *band)
{
    if (!band)
        return;
    band_generator_destroy(band->generator);
    if (band->file)
        (void)fclose(band->file);
    json_decref(band->annotations);
    free(band);
}

static double first_known(double own, double fallback)
{
    return isnan(own) ? fallback : own;
}

static bool annotate(struct recording *band, const struct transmission *transmission,
                     const struct band_burst *burst, double end_s)
{
    double rate_hz = band->settings.rate_hz, at_hz = band->settings.centre_hz + burst->offset_hz;
    json_int_t first = (json_int_t)llround(burst->start_s * rate_hz);
    json_t *annotation = json_pack("{s:I, s:I, s:f, s:f, s:s}", "core:sample_start", first,
                                   "core:sample_count", (json_int_t)llround(end_s * rate_hz) - first,
                                   "core:freq_lower_edge", at_hz - CHANNEL_HALF_HZ, "core:freq_upper_edge",
                                   at_hz + CHANNEL_HALF_HZ, "core:label", transmission->protocol->id);
    return annotation && json_array_append_new(band->annotations, annotation) == 0;
}

bool band_add(struct recording *band, const struct transmission *transmission, char *why, size_t size)
{
    const struct recording_settings *settings = &band->settings;
    const struct placement *own = &transmission->place, *usual = &settings->place;
    double frequency_hz =
        first_known(own->frequency_hz, first_known(usual->frequency_hz, settings->centre_hz));
    double cnr_db = isnan(own->level_dbfs) ? first_known(own->cnr_db, usual->cnr_db) : own->cnr_db;
    double level_dbfs = first_known(own->level_dbfs, settings->level_db);
    struct band_burst burst = {
        .modem = transmission->modem->class,
        .bits = transmission->bits,
        .bit_count = transmission->bit_count,
        .start_s =
            transmission_start_s(transmission, 0.0, band_generator_end_s(band->generator) + settings->gap_s),
        .offset_hz = frequency_hz - settings->centre_hz,
        .carrier_hz = first_known(own->offset_hz, usual->offset_hz),
        .drift_hz_s = first_known(own->drift_hz_s, usual->drift_hz_s),
        .level_dbfs = isnan(cnr_db) ? level_dbfs : settings->noise_dbfs + cnr_db,
        .deviation_hz = first_known(own->deviation_hz, usual->deviation_hz),
        .doppler_hz = first_known(own->fading_hz, usual->fading_hz),
        .pre_emphasis = settings->pre_emphasis};
    if (burst.start_s > RECORDING_LONGEST_S) {
        snprintf(why, size, "a recording of more than %d h", RECORDING_LONGEST_S / 3600);
        return false;
    }
    enum atalaya_result result = band_generator_add(band->generator, &burst);
    double length_s = (double)burst.modem->modulate_length(1e6, burst.bit_count) * 1e-6;
    if (result == ATALAYA_E_ARGUMENT)
        snprintf(why, size, "%.6f MHz, at that level, drift or time, is not in the band",
                 frequency_hz * 1e-6);
    else if (result != ATALAYA_OK)
        snprintf(why, size, "%s at %g Hz: %s", transmission->modem->id, settings->rate_hz,
                 atalaya_result_text(result));
    return result == ATALAYA_OK && annotate(band, transmission, &burst, burst.start_s + length_s);
}

static bool write_meta(const struct recording *band, const struct form *form)
{
    const struct recording_settings *settings = &band->settings;
    if (!*band->meta_path)
        return true;
    json_t *capture = json_pack("{s:i}", "core:sample_start", 0);
    json_t *root = json_pack("{s:{s:s, s:f, s:s, s:s}, s:[o], s:O}", "global", "core:datatype", form->sigmf,
                             "core:sample_rate", settings->rate_hz, "core:version", "1.0.0", "core:recorder",
                             "atalaya encode", "captures", capture, "annotations", band->annotations);
    bool good = root && (!(settings->centre_hz > 0.0) ||
                         json_object_set_new(capture, "core:frequency", json_real(settings->centre_hz)) == 0);
    good = good && json_dump_file(root, band->meta_path, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0;
    json_decref(root);
    return good;
}

static bool write_samples(const struct recording *band, const struct form *form)
{
    static float complex iq[PIECE];
    static uint8_t bytes[PIECE * 2 * NUMBER_BYTES_MAX];
    double end_s = band_generator_end_s(band->generator) + band->settings.tail_s;
    uint64_t left = (uint64_t)ceil(end_s * band->settings.rate_hz);
    while (left > 0) {
        size_t count = left < PIECE ? (size_t)left : PIECE;
        if (band_generator_read(band->generator, iq, count) != ATALAYA_OK)
            return false;
        for (size_t i = 0; i < count; i++) {
            put_number(form, crealf(iq[i]), bytes + 2 * i * form->bytes);
            put_number(form, cimagf(iq[i]), bytes + (2 * i + 1) * form->bytes);
        }
        if (fwrite(bytes, 2 * form->bytes, count, band->file) != count)
            return false;
        left -= count;
    }
    return true;
}

bool band_finish(struct recording *band)
{
    const struct form *form = form_find(band->settings.format);
    errno = 0;
    bool good = form && write_samples(band, form) && write_meta(band, form);
    good = fclose(band->file) == 0 && good;
    band->file = NULL;
    if (!good)
        fprintf(stderr, "atalaya encode: %s cannot be written: %s\n", band->data_path,
                errno ? strerror(errno) : "no memory");
    else if (clipped > 0)
        fprintf(stderr,
                "atalaya encode: clipped: %llu numbers lie beyond full scale; lower --cnr or --noise\n",
                (unsigned long long)clipped);
    return good;
}
