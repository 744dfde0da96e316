/* SPDX-License-Identifier: Apache-2.0 */
/* Chapters 17, 19 and 20: traffic carried for others, formats of others, test data. */
#include "aprs_parts.h"

#include <string.h>

#include "tnc2.h"

/* {UX...; user id { is for experiments of anybody, so that nobody can know its meaning. */
void aprs_user_defined_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *info = packet->info;
    message->kind = MESSAGE_OTHER;
    if (packet->length < 3) {
        aprs_add_fault(message, "too_short", "user-defined packet");
        return;
    }
    aprs_add_text(message, "user_id", info + 1, 1);
    aprs_add_text(message, "user_type", info + 2, 1);
    aprs_add_text(message, "user_data", info + 3, packet->length - 3);
    if (info[1] == '{')
        aprs_add_fault(message, "experimental_unsupported", NULL);
}

/* ",": a sender says itself that what follows is not valid. */
void aprs_test_data_parse(const struct aprs_packet *packet, struct message *message)
{
    message->kind = MESSAGE_OTHER;
    aprs_add_text(message, "beacon", packet->info + 1, packet->length - 1);
    aprs_add_fault(message, "invalid_or_test_data", NULL);
}

/* }SOURCE>DESTINATION,PATH:information; inside another third-party packet it is not opened again. */
void aprs_third_party_parse(const struct aprs_packet *packet, struct message *message)
{
    struct tnc2_header header;
    size_t at;
    if (packet->inner) {
        aprs_add_fault(message, "third_party_nested", NULL);
        return;
    }
    if (tnc2_parse_header(packet->info + 1, packet->length - 1, &header, &at) != ATALAYA_OK ||
        at >= packet->length - 1) {
        aprs_add_fault(message, "third_party_invalid", NULL);
        return;
    }
    aprs_add_string(message, "gated_by", message->unit);
    aprs_add_string(message, "third_party_source", header.source);
    aprs_add_string(message, "third_party_destination", header.destination);
    aprs_id_copy(message->unit, (const uint8_t *)header.source, strlen(header.source));
    struct aprs_packet inner = {.destination = header.destination,
                                .info = packet->info + 1 + at,
                                .length = packet->length - 1 - at,
                                .inner = true};
    aprs_packet_parse(&inner, message);
}
