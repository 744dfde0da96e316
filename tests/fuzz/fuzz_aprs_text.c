/* SPDX-License-Identifier: Apache-2.0 */
/* APRS text: the input is the information field of a well-formed header, so that every byte goes to the APRS
 * parser. The first byte chooses the destination, where Mic-E keeps half of the position. What is written as
 * a TNC2 line and as a frame must read the same again. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const headers[] = {
    "N0CALL-9>APZATL,WIDE1-1:",     "N0CALL-7>3Q2U6T:", "N0CALL>SP0LV5,N0CALL-1*:",
    "N0CALL>TQ4W2V,WIDE2-1,qAR,X:", "N0CALL-10>ID:",
};

/* Coordinates are left out on purpose: compare() is about the same bytes read twice, and those are exact. */
static void compare(const struct message *a, const struct message *b)
{
    assert(a->kind == b->kind && a->distress == b->distress && a->well_formed == b->well_formed);
    assert(strcmp(a->unit, b->unit) == 0 && strcmp(a->to, b->to) == 0);
    assert(a->payload_length == b->payload_length);
    assert(message_dedupe(a) == message_dedupe(b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct message message, again;
    static char line[8 * MESSAGE_RAW_MAX], text[8 * MESSAGE_RAW_MAX];
    const struct protocol_row *row = protocol_find("ax25");
    if (!size || size > MESSAGE_RAW_MAX)
        return 0;
    const char *header = headers[data[0] % (sizeof headers / sizeof *headers)];
    size_t length = strlen(header);
    memcpy(line, header, length);
    memcpy(line + length, data + 1, size - 1);
    message_reset(&message, row->id, row->protocol->address_space);
    if (row->protocol->from_text(&message, line, length + size - 1) != ATALAYA_OK)
        return 0;
    size_t written = row->protocol->to_text(&message, text, sizeof text);
    assert(written < sizeof text && text[written] == '\0');
    if (!message.raw_length)
        return 0;
    message_reset(&again, row->id, row->protocol->address_space);
    again.raw_length = message.raw_length;
    memcpy(again.raw, message.raw, message.raw_length);
    assert(row->protocol->parse(&again) == ATALAYA_OK);
    compare(&message, &again);
    return 0;
}
