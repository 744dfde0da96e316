/* SPDX-License-Identifier: Apache-2.0 */
#include "soapy_private.h"

#include <SoapySDR/Logger.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"
#include "convert.h"

enum { CHANNEL = 0 };
static const double near_hz = 10e3; /* farther off than this is no tuning step */

/* Drivers are talkative; their words are detail behind our one line. */
static void soapy_words(const SoapySDRLogLevel level, const char *message)
{
    if (level <= SOAPY_SDR_WARNING)
        log_info("SoapySDR: %s", message);
    else if (level != SOAPY_SDR_SSI)
        log_debug("SoapySDR: %s", message);
}

void soapy_setup_list(char *text, size_t size)
{
    size_t count = 0, used = 0;
    SoapySDRKwargs *found = SoapySDRDevice_enumerate(NULL, &count);
    text[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        const char *driver = SoapySDRKwargs_get(&found[i], "driver");
        const char *serial = SoapySDRKwargs_get(&found[i], "serial");
        int length = snprintf(text + used, size - used, "%sdriver=%s%s%s", used ? "; " : "",
                              driver ? driver : "?", serial ? ",serial=" : "", serial ? serial : "");
        used += length > 0 ? (size_t)length : size;
    }
    SoapySDRKwargsList_clear(found, count);
    if (count == 0)
        source_say(text, size, "none (is the driver's package installed, as soapysdr-module-rtlsdr?)");
}

static SoapySDRDevice *find_device(const struct config_source *settings)
{
    char arguments[CONFIG_PATH_MAX + CONFIG_TEXT_MAX + 16];
    source_say(arguments, sizeof arguments, "%s%s%s%s", settings->device,
               settings->device[0] && settings->serial_number[0] ? "," : "",
               settings->serial_number[0] ? "serial=" : "", settings->serial_number);
    return SoapySDRDevice_makeStrArgs(arguments);
}

/* The form asked for, or the one nearest to the device's own: less to move over USB, and nothing is lost. */
static void choose_form(enum config_sample_format wanted, struct soapy_setup *setup, const char **word)
{
    static const struct {
        const char *word;
        enum config_sample_format form;
        size_t bytes;
    } forms[] = {{SOAPY_SDR_CU8, SAMPLE_CU8, 2},
                 {SOAPY_SDR_CS8, SAMPLE_CS8, 2},
                 {SOAPY_SDR_CS16, SAMPLE_CS16, 4},
                 {SOAPY_SDR_CF32, SAMPLE_CF32, 8}};
    enum { FORMS = sizeof forms / sizeof *forms };
    double full_scale = 0;
    size_t chosen = FORMS - 1, whole = (size_t)1 << 15;
    char *native = SoapySDRDevice_getNativeStreamFormat(setup->device, SOAPY_SDR_RX, CHANNEL, &full_scale);
    for (size_t i = 0; native != NULL && i < FORMS; i++)
        /* Twelve bits in sixteen have a full scale of their own: floats are scaled by the driver. */
        if (strcmp(native, forms[i].word) == 0 &&
            (forms[i].form != SAMPLE_CS16 || fabs(full_scale - (double)whole) < 2))
            chosen = i;
    SoapySDR_free(native);
    for (size_t i = 0; i < FORMS; i++)
        if (forms[i].form == wanted)
            chosen = i;
    setup->form = forms[chosen].form;
    setup->frame_bytes = forms[chosen].bytes;
    *word = forms[chosen].word;
}

static bool refused(int error, const char *what, char *text, size_t size)
{
    if (error == 0)
        return false;
    source_say(text, size, "refuses %s: %s", what, SoapySDRDevice_lastError());
    return true;
}

/* "LNA=20" */
static bool set_stages(const struct config_source *settings, SoapySDRDevice *device, char *text, size_t size)
{
    for (unsigned i = 0; i < settings->gain_count; i++) {
        char name[CONFIG_NAME_MAX];
        const char *equals = strchr(settings->gains[i], '=');
        char *end;
        double gain_db = equals ? strtod(equals + 1, &end) : (double)NAN;
        if (equals == NULL || *end != '\0' || !isfinite(gain_db)) {
            source_say(text, size, "has gains \"%s\"; write them as \"LNA=20\"", settings->gains[i]);
            return false;
        }
        source_say(name, sizeof name, "%.*s", (int)(equals - settings->gains[i]), settings->gains[i]);
        if (refused(SoapySDRDevice_setGainElement(device, SOAPY_SDR_RX, CHANNEL, name, gain_db),
                    settings->gains[i], text, size))
            return false;
    }
    return true;
}

/* Drivers name it as they like. Without it the antenna's amplifier is dark and the site deaf, so that it is
 * told; off where the device remembers it. */
static void set_bias_tee(const struct config_source *settings, SoapySDRDevice *device)
{
    static const char *const names[] = {"biastee", "bias_tee", "biasT_ctrl", "bias_tx"};
    size_t count = 0;
    bool done = false;
    SoapySDRArgInfo *known = SoapySDRDevice_getSettingInfo(device, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names && known[i].key != NULL; k++)
            if (strcmp(known[i].key, names[k]) == 0)
                done |=
                    SoapySDRDevice_writeSetting(device, names[k], settings->bias_tee ? "true" : "false") == 0;
    SoapySDRArgInfoList_clear(known, count);
    if (settings->bias_tee && !done)
        log_warning("source '%s': bias_tee is asked for, but this device has none that its driver knows",
                    settings->name);
}

static void set_correction(const struct config_source *settings, struct soapy_setup *setup)
{
    setup->tune_factor = 1;
    if (SoapySDRDevice_hasFrequencyCorrection(setup->device, SOAPY_SDR_RX, CHANNEL) &&
        SoapySDRDevice_setFrequencyCorrection(setup->device, SOAPY_SDR_RX, CHANNEL, settings->ppm) == 0)
        return;
    setup->tune_factor = 1 / (1 + settings->ppm * 1e-6);
}

enum atalaya_result soapy_setup_tune(const struct soapy_setup *setup, double centre_hz)
{
    int error = SoapySDRDevice_setFrequency(setup->device, SOAPY_SDR_RX, CHANNEL,
                                            centre_hz * setup->tune_factor, NULL);
    return error == 0 ? ATALAYA_OK : ATALAYA_E_RANGE;
}

enum atalaya_result soapy_setup_gain(const struct soapy_setup *setup, double gain_db)
{
    if (!isfinite(gain_db) && !setup->automatic)
        return ATALAYA_E_UNSUPPORTED;
    if (setup->automatic &&
        SoapySDRDevice_setGainMode(setup->device, SOAPY_SDR_RX, CHANNEL, !isfinite(gain_db)) != 0)
        return ATALAYA_E_UNSUPPORTED;
    if (isfinite(gain_db) && SoapySDRDevice_setGain(setup->device, SOAPY_SDR_RX, CHANNEL, gain_db) != 0)
        return ATALAYA_E_RANGE;
    return ATALAYA_OK;
}

static bool set_all(const struct config_source *settings, struct soapy_setup *setup, char *text, size_t size)
{
    SoapySDRDevice *device = setup->device;
    if (settings->antenna[0] &&
        refused(SoapySDRDevice_setAntenna(device, SOAPY_SDR_RX, CHANNEL, settings->antenna), "this antenna",
                text, size))
        return false;
    if (refused(SoapySDRDevice_setSampleRate(device, SOAPY_SDR_RX, CHANNEL, settings->rate_hz), "this rate",
                text, size))
        return false;
    set_correction(settings, setup);
    if (soapy_setup_tune(setup, settings->centre_hz) != ATALAYA_OK) {
        source_say(text, size, "refuses %.6f MHz: %s", settings->centre_hz * 1e-6,
                   SoapySDRDevice_lastError());
        return false;
    }
    setup->rate_hz = SoapySDRDevice_getSampleRate(device, SOAPY_SDR_RX, CHANNEL);
    setup->centre_hz = SoapySDRDevice_getFrequency(device, SOAPY_SDR_RX, CHANNEL) / setup->tune_factor;
    if (!(fabs(setup->centre_hz - settings->centre_hz) < near_hz)) {
        source_say(text, size, "cannot tune to %.6f MHz, only to %.6f", settings->centre_hz * 1e-6,
                   setup->centre_hz * 1e-6);
        return false;
    }
    setup->automatic = SoapySDRDevice_hasGainMode(device, SOAPY_SDR_RX, CHANNEL);
    if (soapy_setup_gain(setup, settings->gain_db) != ATALAYA_OK && isfinite(settings->gain_db)) {
        source_say(text, size, "refuses a gain of %g dB: %s", settings->gain_db, SoapySDRDevice_lastError());
        return false;
    }
    if (!set_stages(settings, device, text, size))
        return false;
    set_bias_tee(settings, device);
    return true;
}

static bool start(const struct config_source *settings, struct soapy_setup *setup, char *text, size_t size)
{
    const size_t channel = CHANNEL;
    const char *word;
    choose_form(settings->format, setup, &word);
    setup->stream = SoapySDRDevice_setupStream(setup->device, SOAPY_SDR_RX, word, &channel, 1, NULL);
    if (setup->stream == NULL) {
        source_say(text, size, "gives no stream of %s: %s", word, SoapySDRDevice_lastError());
        return false;
    }
    return !refused(SoapySDRDevice_activateStream(setup->device, setup->stream, 0, 0, 0), "to start", text,
                    size);
}

enum atalaya_result soapy_setup_open(const struct config_source *settings, struct soapy_setup *setup,
                                     char *text, size_t size)
{
    char why[SOURCE_TEXT_MAX] = "";
    memset(setup, 0, sizeof *setup);
    SoapySDR_registerLogHandler(soapy_words);
    setup->device = find_device(settings);
    if (setup->device == NULL) {
        source_say(text, size, "no device \"%s\"%s%s: %s", settings->device,
                   settings->serial_number[0] ? " with serial number " : "", settings->serial_number,
                   SoapySDRDevice_lastError());
        return ATALAYA_E_GONE;
    }
    if (!set_all(settings, setup, why, sizeof why) || !start(settings, setup, why, sizeof why)) {
        source_say(text, size, "device \"%s\" %s", settings->device, why);
        soapy_setup_close(setup);
        return ATALAYA_E_UNSUPPORTED;
    }
    char *hardware = SoapySDRDevice_getHardwareKey(setup->device);
    source_say(text, size, "device \"%s\" (%s): %g samples/s of %s around %.6f MHz", settings->device,
               hardware ? hardware : "?", setup->rate_hz, sample_form_find(setup->form)->name,
               setup->centre_hz * 1e-6);
    SoapySDR_free(hardware);
    return ATALAYA_OK;
}

void soapy_setup_close(struct soapy_setup *setup)
{
    if (setup->stream != NULL) {
        (void)SoapySDRDevice_deactivateStream(setup->device, setup->stream, 0, 0);
        (void)SoapySDRDevice_closeStream(setup->device, setup->stream);
    }
    (void)SoapySDRDevice_unmake(setup->device);
}
