/* SPDX-License-Identifier: Apache-2.0 */
/* Soft decisions of any kind as messages of beacons: what is believed prints, is a frame again, and its text
 * fits. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../protocol/cospas_sarsat/fgb.h"
#include "../../protocol/cospas_sarsat/sgb.h"
#include "atalaya/gateway/json.h"
#include "atalaya/protocol/beacon_text.h"
#include "atalaya/protocol/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct message message, again;

static void check(void)
{
    static char text[ALERT_TEXT_MAX];
    const struct alert_facts facts = {.station = "fuzz", .frequency_hz = 406.03e6};
    json_t *json = json_from_message(&message);
    char *line = json_dumps(json, JSON_LINE_FLAGS);
    assert(line);
    free(line);
    json_decref(json);
    size_t length = beacon_text_write(&message, &facts, text, sizeof text);
    assert(length > 0 && length < sizeof text - 1);
    message_reset(&again, "cospas_sarsat", "cospas_sarsat");
    memcpy(again.raw, message.raw, message.raw_length);
    again.raw_length = message.raw_length;
    assert(protocol_find("cospas_sarsat")->protocol->parse(&again) == ATALAYA_OK);
    assert(strcmp(again.unit, message.unit) == 0 && again.test == message.test);
    assert(again.raw_length == message.raw_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int8_t soft[SGB_BITS] = {0};
    if (size < 2)
        return 0;
    size_t count = size - 1 < sizeof soft ? size - 1 : sizeof soft;
    memcpy(soft, data + 1, count);
    message_reset(&message, "cospas_sarsat", "cospas_sarsat");
    if (data[0] & 1) {
        if (sgb_parse_soft(&message, data[0] & 2 ? SGB_PRN_NORMAL : SGB_PRN_SELF_TEST, soft) == ATALAYA_OK)
            check();
        return 0;
    }
    count = count < FGB_LONG_SOFT ? count : FGB_LONG_SOFT;
    int sync = data[0] & 2 ? FGB_SYNC_NORMAL : FGB_SYNC_SELF_TEST;
    if (fgb_parse_soft(&message, sync, soft, count) == ATALAYA_OK)
        check();
    return 0;
}
