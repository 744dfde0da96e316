/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the SoapySDR source: soapy_setup.c opens and sets, soapy.c reads. */
#ifndef GATEWAY_SOURCE_SOAPY_PRIVATE_H
#define GATEWAY_SOURCE_SOAPY_PRIVATE_H

#include <SoapySDR/Device.h>
#include <SoapySDR/Formats.h>

#include "source_private.h"

enum { SOAPY_FRAME_BYTES_MAX = 8 };

struct soapy_setup {
    SoapySDRDevice *device;
    SoapySDRStream *stream;         /* running */
    enum config_sample_format form; /* cu8, cs8, cs16 or cf32 */
    size_t frame_bytes;
    double rate_hz, centre_hz; /* as the device has them */
    double tune_factor;        /* of frequencies told to a driver that knows no correction in ppm */
    bool automatic;            /* it has an automatic gain */
};

/* Finds, sets and starts a device. SoapySDR and its drivers allocate here, and log through our log. text: one
 * line, good or bad. */
enum atalaya_result soapy_setup_open(const struct config_source *settings, struct soapy_setup *setup,
                                     char *text, size_t size);
void soapy_setup_close(struct soapy_setup *setup);
enum atalaya_result soapy_setup_tune(const struct soapy_setup *setup, double centre_hz);
enum atalaya_result soapy_setup_gain(const struct soapy_setup *setup, double gain_db);
/* Which devices there are, for whoever named one that is not: "driver=..., serial=...; ...". */
void soapy_setup_list(char *text, size_t size);

#endif
