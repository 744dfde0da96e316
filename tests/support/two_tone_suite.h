/* SPDX-License-Identifier: Apache-2.0 */
/* What every modem of two tones must show: one suite, run for each waveform. */
#ifndef TWO_TONE_SUITE_H
#define TWO_TONE_SUITE_H

struct two_tone_suite {
    const char *id; /* of the modem */
    double bit_rate, mark_hz, space_hz;
    double time_bits; /* by which times may be wrong */
    int offset_hz;    /* of both tones, either way, that it must follow */
    int snr_from_db;  /* from which on a lane's own figure is within 1 dB, whether frames are read or not */
};

/* Runs all tests; the number of failures. */
int two_tone_suite_run(const struct two_tone_suite *how);

#endif
