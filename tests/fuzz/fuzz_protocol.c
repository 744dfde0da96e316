/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of protocols.def, chosen by FUZZ_PROTOCOL: the first byte of the input says which way in.
 * Whatever a protocol makes of hostile bytes must print as JSON, and what it can send must come back. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../gateway/json_names.h"
#include "atalaya/gateway/json.h"
#include "atalaya/protocol/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Octets that every row can send: an FX.25 block holds so many when each of them is stuffed to the utmost. */
enum { ALWAYS_SENT = 195 };

static const struct protocol_row *row;
static void *stream;
static struct message message, composed, heard;
static struct error_event event[PROTOCOL_LINE_BITS_MAX];

static void check_message(const struct message *checked)
{
    static char text[4 * MESSAGE_RAW_MAX];
    assert((unsigned)checked->kind < MESSAGE_KIND_COUNT);
    assert(checked->raw_length <= MESSAGE_RAW_MAX);
    assert(checked->payload_offset + checked->payload_length <= MESSAGE_RAW_MAX);
    assert(memchr(checked->unit, 0, sizeof checked->unit) && memchr(checked->to, 0, sizeof checked->to));
    (void)message_dedupe(checked);
    json_t *json = json_from_message(checked);
    char *line = json_dumps(json, JSON_LINE_FLAGS);
    assert(line); /* valid UTF-8, no NaN, no half-made member */
    json_t *again = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    assert(again);
    json_decref(again);
    free(line);
    json_decref(json);
    if (row->protocol->to_text) {
        size_t length = row->protocol->to_text(checked, text, sizeof text);
        assert(length < sizeof text && text[length] == '\0');
    }
}

static void on_message(void *context, const struct message *found)
{
    (void)context;
    check_message(found);
    if (found->raw_length > 1) /* events around a frame carry none */
        heard = *found;
}

/* Events of any shape, made of the soft values. */
static void events_make(const int8_t *soft, size_t count)
{
    uint32_t mask = 1;
    for (size_t i = 0; i < count && i < sizeof event / sizeof *event; i++) {
        mask = mask * 1664525 + (uint8_t)soft[i];
        event[i] = (struct error_event){.mask = soft[i] == 127 ? 0 : mask >> (mask & 31),
                                        .reliability = (uint16_t)(mask >> 16)};
    }
}

static void hear(const int8_t *soft, size_t count, unsigned step, struct protocol_output *output)
{
    size_t at = 0;
    events_make(soft, count);
    for (unsigned n = step; at < count; n = n * 5 + 1) {
        size_t chunk = 1 + n % 61 < count - at ? 1 + n % 61 : count - at;
        struct soft_run run = {
            .soft = soft + at, .event = step & 1 ? event + at : NULL, .count = chunk, .first_bit = at};
        row->protocol->execute(stream, &run, output);
        at += chunk;
    }
    if (row->protocol->finish)
        row->protocol->finish(stream, output);
}

/* Of beacons also identities and messages without their synchronisation, or with one that is none, are
 * frames: see the row's headers. */
static bool is_transmission(const struct message *sent)
{
    const char *sync = message_text(sent, "sync", NULL);
    bool is_first =
        (sent->raw_length == 14 || sent->raw_length == 18) && sync && strcmp(sync, "unknown") != 0;
    return strcmp(row->id, "cospas_sarsat") != 0 || is_first || sent->raw_length == 32;
}

/* Second generation beacons come from a modem of their own (bit rate, branch): test_sgb_stream and
 * fuzz_oqpsk_dsss hear them. */
static bool is_heard(const struct message *sent)
{
    return strcmp(row->id, "cospas_sarsat") != 0 || sent->raw_length != 32;
}

/* What goes on air must come back as it was. */
static void air(const struct message *sent, unsigned step)
{
    if (*row->modems == '\0') /* no waveform carries it */
        return;
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    static int8_t soft[PROTOCOL_LINE_BITS_MAX];
    struct protocol_output output = {.message = on_message};
    const struct protocol_transmit how = {.preamble_bits = 8 + step % 64, .tail_bits = 16};
    size_t count = row->protocol->transmit(sent, &how, bits, sizeof bits);
    assert(count > 0 || sent->raw_length > ALWAYS_SENT || !sent->well_formed || !is_transmission(sent));
    if (count == 0 || !is_heard(sent))
        return;
    for (size_t i = 0; i < count; i++)
        soft[i] = bits[i] ? 100 : -100;
    row->protocol->reset(stream);
    hear(soft, count, step, &output);
    assert(output.counts.messages >= 1);
    assert(heard.raw_length == sent->raw_length);
    assert(memcmp(heard.raw, sent->raw, sent->raw_length) == 0);
}

/* Whatever compose made is a frame. */
static void reparse(const struct message *made)
{
    assert(made->raw_length > 0 && made->raw_length <= MESSAGE_RAW_MAX);
    heard = *made;
    message_reset(&heard, row->id, row->protocol->address_space);
    heard.raw_length = made->raw_length;
    assert(row->protocol->parse(&heard) == ATALAYA_OK);
    check_message(&heard);
}

/* A message that was heard means the same kind of thing from the same unit when it is sent again. */
static void compose(void)
{
    composed = message;
    composed.raw_length = 0;
    if (row->protocol->compose(&composed) != ATALAYA_OK)
        return;
    reparse(&composed);
    assert(heard.kind == message.kind && heard.distress == message.distress);
    assert(strcmp(heard.unit, message.unit) == 0);
}

static void as_frame(const uint8_t *data, size_t size, unsigned step)
{
    message.raw_length = (uint16_t)(size < MESSAGE_RAW_MAX ? size : MESSAGE_RAW_MAX);
    memcpy(message.raw, data, message.raw_length);
    if (row->protocol->parse(&message) != ATALAYA_OK)
        return;
    check_message(&message);
    if (row->protocol->compose && message.well_formed)
        compose();
    if (row->protocol->transmit)
        air(&message, step);
}

static void as_text(const uint8_t *data, size_t size)
{
    if (!row->protocol->from_text ||
        row->protocol->from_text(&message, (const char *)data, size) != ATALAYA_OK)
        return;
    check_message(&message);
    if (row->protocol->compose && message.well_formed && message.raw_length)
        compose();
}

/* The bits of the input, surest decisions; or its bytes as decisions of their own. */
static void as_signal(const uint8_t *data, size_t size, unsigned step, bool bytes)
{
    static int8_t soft[1 << 15];
    struct protocol_output output = {.message = on_message};
    size_t count = bytes ? size : 8 * size;
    count = count < sizeof soft ? count : sizeof soft;
    for (size_t i = 0; i < count; i++)
        soft[i] = bytes ? (int8_t)(data[i] == 0x80 ? -127 : (int)data[i] - (data[i] > 0x80 ? 256 : 0))
                        : (int8_t)(data[i / 8] >> i % 8 & 1 ? 127 : -127);
    row->protocol->reset(stream);
    hear(soft, count, step, &output);
}

static void as_json(const uint8_t *data, size_t size)
{
    char why[200];
    json_names_reset();
    json_t *json = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
    if (json && json_to_message(json, &message, why, sizeof why) == ATALAYA_OK) {
        check_message(&message);
        if (row->protocol->compose && row->protocol->compose(&message) == ATALAYA_OK)
            reparse(&message);
    }
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    row = protocol_find(FUZZ_PROTOCOL);
    assert(row);
    if (!stream)
        stream = malloc(row->protocol->state_size);
    assert(stream);
    if (size < 2)
        return 0;
    message_reset(&message, row->id, row->protocol->address_space);
    switch (data[0] & 7) {
    case 0:
    case 1:
        as_signal(data + 2, size - 2, data[1], data[0] & 1);
        break;
    case 2:
        as_text(data + 2, size - 2);
        break;
    case 3:
        as_json(data + 2, size - 2);
        break;
    default:
        as_frame(data + 2, size - 2, data[1]);
        break;
    }
    return 0;
}
