/* SPDX-License-Identifier: Apache-2.0 */
/* The row of 406 MHz beacons, both generations: which of them a frame or a run of bits is, and the way to and
 * from a line of hexadecimal digits. */
#include <ctype.h>
#include <string.h>

#include "atalaya/protocol/beacon_text.h"
#include "atalaya/protocol/protocol.h"
#include "fgb.h"
#include "fgb_stream.h"
#include "hex.h"
#include "sgb.h"
#include "sgb_stream.h"

static enum atalaya_result parse(struct message *message)
{
    return sgb_is_raw(message) ? sgb_parse(message) : fgb_parse(message);
}

static enum atalaya_result compose(struct message *message)
{
    bool second = message_number(message, "generation", 1) >= 2 || strlen(message->unit) > 15;
    return second ? sgb_compose(message) : fgb_compose(message);
}

/* 2.2.4 of T.018: 50 zeros go before the message. One bit after it tells the modem which PRN sequences spread
 * the burst, and is not sent: 1 those of the self-test. */
static size_t transmit_second(const struct message *message, uint8_t *bits, size_t max)
{
    struct bit_frame frame;
    const size_t count = SGB_PREAMBLE_BITS + SGB_BITS;
    if (max < count + 1)
        return 0;
    bit_frame_load(&frame, 1, BIT_FRAME_MAX, message->raw);
    memset(bits, 0, SGB_PREAMBLE_BITS);
    memcpy(bits + SGB_PREAMBLE_BITS, frame.bit + 1, SGB_BITS);
    bits[count] = bit_frame_get(&frame, SGB_PRN, 2) == SGB_PRN_SELF_TEST;
    return count + 1;
}

static const char *modem_for(const struct message *message)
{
    return sgb_is_raw(message) ? "oqpsk_dsss" : "biphase400";
}

static size_t transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                       size_t max)
{
    struct bit_frame frame;
    if (message->raw_length == SGB_OCTETS)
        return transmit_second(message, bits, max);
    (void)how; /* 15 ones go before every message, no more and no fewer (T.001 2.2.4.1) */
    unsigned count = 8U * message->raw_length;
    if ((count != FGB_SHORT_BITS && count != FGB_LONG_BITS) || count > max)
        return 0;
    bit_frame_load(&frame, 1, count, message->raw);
    unsigned sync = (unsigned)bit_frame_get(&frame, 16, 9);
    bool is_known = sync == FGB_SYNC_NORMAL || sync == FGB_SYNC_SELF_TEST;
    if (!is_known || bit_frame_get(&frame, 26, 60) == 0) /* nobody's: fgb_stream.c does not hear it */
        return 0;
    memcpy(bits, frame.bit + 1, count);
    return count;
}

/* The customary numbers of digits; an odd last one is the first half of an octet. */
static const uint8_t digits_known[] = {15, 22, 23, 28, 30, 36, 51, 63, 64};

static enum atalaya_result from_text(struct message *message, const char *line, size_t length)
{
    size_t count = 0;
    memset(message->raw, 0, 64);
    for (size_t i = 0; i < length; i++) {
        int digit = hex_digit(line[i]);
        if (isspace((unsigned char)line[i]))
            continue;
        if (digit < 0)
            return ATALAYA_E_FORMAT;
        if (count >= 64)
            return ATALAYA_E_LENGTH;
        message->raw[count / 2] |= (uint8_t)(count % 2 ? digit : digit << 4);
        count++;
    }
    if (count == 0 || !memchr(digits_known, (int)count, sizeof digits_known))
        return ATALAYA_E_LENGTH;
    message->raw_length = (uint16_t)((count + 1) / 2);
    if (count == 51 || count == 63)
        sgb_align(message);
    return parse(message);
}

static size_t to_text(const struct message *message, char *text, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t length = 0, count = 2U * message->raw_length;
    count -=
        count == 16 || count == 24 || count == 64; /* 15, 23 and 63 digits: the last half octet is empty */
    for (; length < count && length + 1 < size; length++)
        text[length] = digits[message->raw[length / 2] >> (length % 2 ? 0 : 4) & 15];
    if (size)
        text[length] = '\0';
    return length;
}

/* A stream is of one waveform, and only the decoder of that waveform works; both where it is not said. */
struct beacon_state {
    struct fgb_stream first;
    struct sgb_stream second;
};

static void reset(void *state)
{
    struct beacon_state *beacon = state;
    fgb_stream_reset(&beacon->first);
    sgb_stream_reset(&beacon->second);
}

static void execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct beacon_state *beacon = state;
    if (run->bit_rate == 0 || run->bit_rate == FGB_BIT_RATE)
        fgb_stream_execute(&beacon->first, run, output);
    else if (run->bit_rate == SGB_BIT_RATE)
        sgb_stream_execute(&beacon->second, run, output);
}

/* Who it is, where its position comes from, what leads to it. */
static const char *const alert_fields[] = {"generation",
                                           "hex_id",
                                           "country",
                                           "country_name",
                                           "beacon_protocol",
                                           "beacon_type",
                                           "tac",
                                           "serial_number",
                                           "mmsi",
                                           "call_sign",
                                           "registration",
                                           "aircraft_registration",
                                           "aircraft_address",
                                           "aircraft_operator",
                                           "emergency",
                                           "activation",
                                           "position_source",
                                           "resolution_s",
                                           "homing",
                                           "homing_enabled",
                                           "hours_active",
                                           "position_age_min",
                                           "fault",
                                           NULL};

const struct protocol protocol_cospas_sarsat = {
    .address_space = "cospas_sarsat",
    .state_size = sizeof(struct beacon_state),
    .reset = reset,
    .execute = execute,
    .parse = parse,
    .compose = compose,
    .transmit = transmit,
    .modem_for = modem_for,
    .text_form = "cospas-sarsat",
    .from_text = from_text,
    .self_test = "FFFED0 56E68 04002 20200 96552 50",
    .to_text = to_text,
    .alert_fields = alert_fields,
    .alert_text = beacon_text_write,
};
