/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 11: ;NAME_____*DDHHMMz... is an object, )NAME!... an item; _ instead of * or ! kills it. */
#include "aprs_parts.h"

enum { OBJECT_NAME = 9, OBJECT_PLACE = 18, ITEM_NAME_MIN = 3, ITEM_NAME_MAX = 9 };

static bool is_printable(const uint8_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

static void name_add(const uint8_t *name, size_t length, const char *field, bool alive,
                     struct message *message)
{
    while (length && name[length - 1] == ' ')
        length--;
    aprs_add_text(message, field, name, length);
    aprs_add_flag(message, "alive", alive);
}

void aprs_object_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *info = packet->info;
    message->kind = MESSAGE_OBJECT;
    if (packet->length < OBJECT_PLACE + 13) {
        aprs_add_fault(message, "too_short", "object");
        return;
    }
    if (!is_printable(info + 1, OBJECT_NAME) || (info[10] != '*' && info[10] != '_')) {
        aprs_add_fault(message, "object_invalid", "name or live mark");
        return;
    }
    name_add(info + 1, OBJECT_NAME, "object", info[10] == '*', message);
    size_t place = OBJECT_PLACE;
    if (!aprs_time_parse(info + 11, &message->position.time)) {
        aprs_add_fault(message, "time_invalid", "an object has a timestamp");
        place = OBJECT_PLACE - 7; /* some senders leave it out; the place is worth having */
    }
    aprs_report_parse(info + place, packet->length - place, message);
}

void aprs_item_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *info = packet->info;
    message->kind = MESSAGE_OBJECT;
    size_t name = 0;
    while (name <= ITEM_NAME_MAX && 1 + name < packet->length && info[1 + name] != '!' &&
           info[1 + name] != '_')
        name++;
    if (1 + name >= packet->length || name < ITEM_NAME_MIN || name > ITEM_NAME_MAX ||
        !is_printable(info + 1, name)) {
        aprs_add_fault(message, "item_invalid", "name of 3 to 9 characters, then ! or _");
        return;
    }
    name_add(info + 1, name, "item", info[1 + name] == '!', message);
    aprs_report_parse(info + 2 + name, packet->length - 2 - name, message);
}
