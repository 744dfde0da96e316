/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "content.h"
#include "octets.h"

struct operation {
    const char *meaning;
    uint8_t subcommand, command;
};

static const struct operation operations[] = {
    {"emergency", (uint8_t)(FLAGS_NONE & ~FLAG_EMERGENCY), 0},
    {"lone_worker_emergency", (uint8_t)(FLAGS_NONE & ~(FLAG_EMERGENCY | FLAG_LONE_WORKER)), 0},
    {"ptt_begin", FLAGS_NONE, COMMAND_ID},
    {"ptt_end", (uint8_t)(FLAGS_NONE & ~FLAG_END), COMMAND_ID},
    {"paging", (uint8_t)(FLAGS_NONE & ~FLAG_PAGING), 0},
    {"status", 0, COMMAND_STATUS},
    {"acknowledge", FLAGS_NONE, COMMAND_ACKNOWLEDGE | COMMAND_ACKNOWLEDGES},
    {"text", FLAGS_NONE, COMMAND_LONG}, /* the subcommand of texts is not known */
};

/* What a message that does not say its meaning can only be. */
static const char *meaning_of(const struct message *message)
{
    const char *meaning = message_text(message, "meaning", NULL);
    if (message->distress == DISTRESS_RAISED)
        return meaning && strcmp(meaning, "lone_worker_emergency") == 0 ? meaning : "emergency";
    if (meaning)
        return meaning;
    switch (message->kind) {
    case MESSAGE_TEXT:
        return "text";
    case MESSAGE_ACKNOWLEDGE:
        return "acknowledge";
    default:
        return message_field(message, "status", 0) ? "status" : "";
    }
}

static const struct operation *find_operation(const char *meaning)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].meaning, meaning) == 0)
            return &operations[i];
    return NULL;
}

static bool read_digits(const char *text, unsigned count, unsigned *value)
{
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (unsigned)(text[i] - '0');
    }
    return true;
}

/* "100-1001" to what is sent; nobody: zeros. */
static bool read_id(const char *id, unsigned *fleet, unsigned *unit)
{
    *fleet = *unit = 0;
    if (*id == '\0')
        return true;
    if (strlen(id) != 8 || id[3] != '-' || !read_digits(id, 3, fleet) || !read_digits(id + 4, 4, unit))
        return false;
    *fleet -= FLEET_OFFSET;
    *unit -= UNIT_OFFSET;
    return *fleet >= 1 && *fleet <= 255 && *unit >= 1 && *unit <= 4095;
}

static bool write_ids(struct message *message, bool naming_itself)
{
    uint8_t *raw = message->raw;
    unsigned fleet, unit, to_fleet, to_unit;
    if (!read_id(message->unit, &fleet, &unit) || !read_id(message->to, &to_fleet, &to_unit) || unit == 0)
        return false;
    if (naming_itself && to_unit == 0) {
        to_unit = unit;
        to_fleet = fleet;
    }
    raw[2] = (uint8_t)fleet;
    raw[3] = (uint8_t)(unit >> 4);
    raw[4] = (uint8_t)(unit << 4 | to_unit >> 8);
    raw[5] = (uint8_t)to_unit;
    message->raw_length = CONTENT_BLOCK;
    if (to_unit == 0 || to_fleet == fleet)
        return true;
    raw[1] |= COMMAND_FLEET;
    raw[CONTENT_BLOCK] = (uint8_t)to_fleet;
    message->raw_length = 2 * CONTENT_BLOCK;
    return true;
}

static bool write_text(struct message *message)
{
    size_t length = 0;
    const char *text = message_text(message, "text", &length);
    const size_t blocks = DATA_AT / CONTENT_BLOCK + (length + CONTENT_BLOCK - 1) / CONTENT_BLOCK;
    if (!text || length == 0 || blocks > CONTENT_BLOCKS_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if ((c < ' ' && c != '\r' && c != '\n' && c != '\t') || c > 0x7e)
            return false;
        message->raw[DATA_AT + (i / CONTENT_BLOCK + 1) * CONTENT_BLOCK - 1 - i % CONTENT_BLOCK] = (uint8_t)c;
    }
    message->raw[LENGTH_AT] = (uint8_t)(length >> 8);
    message->raw[LENGTH_AT + 1] = (uint8_t)length;
    message->raw_length = (uint16_t)(blocks * CONTENT_BLOCK);
    return true;
}

enum atalaya_result content_write(struct message *message)
{
    const struct operation *operation = find_operation(meaning_of(message));
    if (!operation || message->distress == DISTRESS_CANCELLED || message->has_position)
        return ATALAYA_E_UNSUPPORTED;
    memset(message->raw, 0, sizeof message->raw);
    message->raw[0] = operation->subcommand;
    message->raw[1] = operation->command;
    if (operation->command == COMMAND_STATUS) {
        double status = message_number(message, "status", -1.0);
        if (!(status >= STATUS_OFFSET && status <= STATUS_OFFSET + 127))
            return ATALAYA_E_UNSUPPORTED;
        message->raw[0] = (uint8_t)(((unsigned)status - STATUS_OFFSET) << 1);
    }
    if (!write_ids(message, operation->command == COMMAND_ID) ||
        (operation->command == COMMAND_LONG && !write_text(message)))
        return ATALAYA_E_UNSUPPORTED;
    message->payload_offset = 0;
    message->payload_length = message->raw_length;
    return ATALAYA_OK;
}
