/* SPDX-License-Identifier: Apache-2.0 */
/* A distress as the spool kept it, any bytes: what is taken can be written, read again the same, and taken
 * further by any steps without leaving the legal states. And any bytes as a line of the audit log, and as
 * something to give a receipt for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../gateway/command/receipt.h"
#include "../../gateway/lifecycle/audit.h"
#include "../../gateway/lifecycle/signature.h"
#include "atalaya/gateway/distress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct distress *distress)
{
    if ((unsigned)distress->state >= DISTRESS_STATE_COUNT || distress->history_count > DISTRESS_HISTORY_MAX ||
        distress->told_count > CONFIG_CENTRES_MAX || distress->level >= DISTRESS_LEVEL_MAX)
        abort();
}

static void read_back(const struct distress *distress)
{
    static struct distress again;
    json_t *object = distress_to_json(distress, 0);
    if (distress_from_json(object, &again) != ATALAYA_OK || again.state != distress->state ||
        again.test != distress->test || again.history_count != distress->history_count ||
        again.told_count != distress->told_count || again.cancel_heard != distress->cancel_heard)
        abort();
    json_decref(object);
}

static void take_further(struct distress *distress, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size && i < 256; i++) {
        struct distress_step step = {.state = (enum distress_state)(data[i] % (DISTRESS_STATE_COUNT + 1))};
        enum distress_state before = distress->state;
        step.by[0] = (char)('a' + data[i] / 16);
        bool moved = distress_advance(distress, &step) == DISTRESS_STEP_MOVED;
        if (distress_state_is_closed(before) && moved)
            abort();
        check(distress);
    }
}

/* A receipt goes to the site that speaks, and nowhere else. */
static void give_receipt(const uint8_t *data, size_t size)
{
    static struct receipt_book book;
    static struct signature_key key;
    char topic[RECEIPT_TOPIC_MAX], heard[64] = "a/site/t/distress/";
    size_t n = strlen(heard);
    if (key.name[0] == '\0' && !signature_key_generate("k", &key))
        abort();
    for (size_t i = 0; i < size && n < sizeof heard - 1 && data[i]; i++)
        heard[n++] = (char)data[i];
    heard[n] = '\0';
    char *text = receipt_make(&book, &key, "a", heard, data, size, topic);
    if (text && strcmp(topic, "a/site/t/command/received") != 0)
        abort();
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct distress distress;
    give_receipt(data, size);
    struct audit_mark mark;
    size_t hashed = 0;
    if (audit_read_mark((const char *)data, size, &mark, &hashed) && (hashed >= size || mark.line == 0))
        abort();
    json_t *object = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
    if (distress_from_json(object, &distress) == ATALAYA_OK) {
        check(&distress);
        read_back(&distress);
        take_further(&distress, data, size);
        read_back(&distress);
    }
    json_decref(object);
    return 0;
}
