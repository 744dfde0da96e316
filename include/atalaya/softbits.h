/* SPDX-License-Identifier: Apache-2.0 */
/* What a modem says to a protocol: soft decisions about line bits, with nothing of samples in them.
 * This header is the border between dsp/ and protocol/; both include it, neither includes the other. */
#ifndef ATALAYA_SOFTBITS_H
#define ATALAYA_SOFTBITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The likeliest way in which the decisions up to one bit could be wrong. Sequence detectors err in patterns,
 * not in single bits: bit z of `mask` set means "the decision z bits before this one flips too". A slicer,
 * which errs bit by bit, sends mask 1. */
struct error_event {
    uint32_t mask;        /* 0: no alternative known */
    uint16_t reliability; /* cost of believing the alternative; small = doubtful. The odds that it is right
                             are about exp(-reliability / 250), at the detection limit at least */
};

/* What custom has AX.25 do to the line bits of this waveform before NRZI is undone. Protocols with a
 * scrambler of their own (IL2P) take the line bits as they are. */
enum line_scrambler {
    SCRAMBLER_NONE,
    SCRAMBLER_G3RUH /* self-synchronising, 1 + x^12 + x^17 (J. Miller G3RUH, 9600 Baud Packet Radio Modem
                       Design) */
};

/* A run of consecutive decisions by one branch of a modem (a branch is one independent way to slice the same
 * signal: another gain, timing or equaliser). Runs of a branch follow each other without a gap until a reset.
 */
struct soft_run {
    const int8_t *soft;              /* [size: count] -127 surely 0 .. 127 surely 1; 0 = erased */
    const struct error_event *event; /* [size: count] or NULL where the modem has only soft decisions */
    size_t count;
    uint64_t first_bit; /* index of soft[0] since the branch's last reset; never wraps in practice */
    unsigned branch;    /* 0 .. branches - 1 of the modem */
    unsigned bit_rate;  /* line bit/s of the waveform, for a protocol that listens to several; 0 = not said */
    enum line_scrambler scrambler;
    bool is_burst; /* it begins with a burst of its own: no message of what came before goes on in it */
};

#endif
