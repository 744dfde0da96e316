/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the APRS parser share: one file a format, this is the table of their doors. */
#ifndef ATALAYA_PROTOCOL_AX25_APRS_PARTS_H
#define ATALAYA_PROTOCOL_AX25_APRS_PARTS_H

#include <stdbool.h>

#include "aprs.h"

#define APRS_KNOT_M_S         0.514444444444444 /* 1852 m / 3600 s */
#define APRS_MPH_M_S          0.44704
#define APRS_FOOT_M           0.3048
#define APRS_MILE_KM          1.609344
#define APRS_NAUTICAL_MILE_KM 1.852
#define APRS_INCH_MM          25.4

/* One information field on its way through the parser, trailing line ends removed. */
struct aprs_packet {
    const char *destination;
    const uint8_t *info; /* starts with the data type identifier */
    size_t length;
    bool inner; /* came out of a third-party packet */
};

/* A comment while its parts are taken out of it. */
struct aprs_comment {
    uint8_t bytes[APRS_INFO_MAX];
    size_t length;
};

/* Fields: one information field holds far fewer than the caps of a message, and a message whose cap was
 * reached stays valid, so these drop silently. */
static inline void aprs_add_text(struct message *message, const char *name, const void *bytes, size_t length)
{
    (void)message_add_text(message, name, bytes, length);
}
static inline void aprs_add_string(struct message *message, const char *name, const char *text)
{
    (void)message_add_string(message, name, text);
}
static inline void aprs_add_real(struct message *message, const char *name, double value)
{
    (void)message_add_real(message, name, value);
}
static inline void aprs_add_integer(struct message *message, const char *name, int64_t value)
{
    (void)message_add_integer(message, name, value);
}
static inline void aprs_add_flag(struct message *message, const char *name, bool value)
{
    (void)message_add_boolean(message, name, value);
}
/* Marks the message as breaking the specification; the first fault stays. */
void aprs_add_fault(struct message *message, const char *fault, const char *detail);

/* aprs_number.c: characters and numbers, without the C library's locales. */
bool aprs_is_digit(uint8_t c);
bool aprs_is_alphanumeric(uint8_t c);
bool aprs_is_base91(uint8_t c); /* ! to {, chapter 5 */
/* Exactly n decimal digits. */
bool aprs_digits_parse(const uint8_t *text, size_t n, unsigned *value);
/* Two hexadecimal digits; -1 if they are none. */
int aprs_hex_parse(const uint8_t *text);
/* n base-91 characters, most significant first; -1 if they are none. */
long aprs_base91_parse(const uint8_t *text, size_t n);
/* [-]digits[.digits] or [-].digits; returns its length or 0. */
size_t aprs_decimal_parse(const uint8_t *text, size_t length, double *value);
/* Where needle (n bytes) starts in text, or length. */
size_t aprs_find(const uint8_t *text, size_t length, const char *needle);
/* Copies text into id, with every byte outside [A-Za-z0-9._-] as '_', trailing spaces removed. */
void aprs_id_copy(char id[MESSAGE_ID_MAX], const uint8_t *text, size_t length);

/* aprs_time.c: seven characters of chapter 6. false: not of that form. A value out of range leaves time
 * unknown. */
bool aprs_time_parse(const uint8_t text[7], struct partial_time *time);

/* aprs_position.c: a place at the start of text, in either coding. Returns its length, or 0 after a fault. */
size_t aprs_location_parse(const uint8_t *text, size_t length, struct message *message);
/* A place and all that may follow it. */
void aprs_report_parse(const uint8_t *text, size_t length, struct message *message);
/* Sets position, ambiguity and resolution; a null position (chapter 6) gives none. Degrees may be -0.0. */
void aprs_position_set(struct message *message, double lat_deg, double lon_deg, unsigned ambiguity);
void aprs_resolution_set(struct message *message, double resolution_m);
void aprs_symbol_set(struct message *message, uint8_t table, uint8_t code);
bool aprs_symbol_is_valid(uint8_t table, uint8_t code);
char aprs_symbol_code(const struct message *message); /* NUL if there is none */
/* Middle of what is left of degrees and minutes when `ambiguity` digits are unknown. */
double aprs_degrees(unsigned degrees, unsigned minutes_hundredths, unsigned ambiguity);

/* aprs_compressed.c: chapter 9. */
size_t aprs_compressed_parse(const uint8_t *text, size_t length, struct message *message);
/* aprs_mic_e.c, aprs_mic_e_text.c: chapter 10. */
void aprs_mic_e_parse(const struct aprs_packet *packet, struct message *message);
void aprs_mic_e_text_parse(const uint8_t *text, size_t length, struct message *message);
/* aprs_radio.c: type codes around Mic-E text. Takes them off and says whose they are, or NULL. */
const char *aprs_radio_strip(const uint8_t **text, size_t *length);
bool aprs_radio_find(const char *radio, char *prefix, const char **suffix);
/* aprs_maidenhead.c: four or six characters; returns the length used or 0. Middle of the square. */
size_t aprs_maidenhead_parse(const uint8_t *text, size_t length, struct message *message);

/* aprs_extension.c: chapter 7, right after the symbol; returns the length used. */
size_t aprs_extension_parse(const uint8_t *text, size_t length, struct message *message);
/* aprs_storm.c: storm data after course and speed; returns the length used. */
size_t aprs_storm_parse(const uint8_t *text, size_t length, struct message *message);

/* aprs_comment.c: what may stand anywhere in a comment; the rest becomes field "comment". */
void aprs_comment_set(struct aprs_comment *comment, const uint8_t *text, size_t length);
void aprs_comment_cut(struct aprs_comment *comment, size_t from, size_t length);
/* delimited: a "/" left at the start separated data from the comment. */
void aprs_comment_parse(struct aprs_comment *comment, bool delimited, struct message *message);
/* aprs_dao.c: chapter 5. */
void aprs_dao_parse(struct aprs_comment *comment, struct message *message);
/* aprs_telemetry.c: chapter 13. */
void aprs_telemetry_comment_parse(struct aprs_comment *comment, struct message *message);
void aprs_telemetry_parse(const struct aprs_packet *packet, struct message *message);
void aprs_telemetry_channels(struct message *message, const double *values, unsigned count);
/* aprs_telemetry_define.c: PARM, UNIT, EQNS, BITS. false: text is none of them. */
bool aprs_telemetry_define_parse(const uint8_t *text, size_t length, struct message *message);

/* aprs_weather.c, aprs_ultimeter.c: chapter 12. weather_parse takes what follows the symbol. */
void aprs_weather_parse(const uint8_t *text, size_t length, struct message *message);
void aprs_positionless_parse(const struct aprs_packet *packet, struct message *message);
void aprs_ultimeter_parse(const struct aprs_packet *packet, struct message *message);
void aprs_peet_parse(const struct aprs_packet *packet, struct message *message);

/* aprs_object.c (chapter 11), aprs_message.c (14), aprs_status.c (16), aprs_query.c (15), aprs_nmea.c (6),
 * aprs_other.c (17, 19, 20). */
void aprs_object_parse(const struct aprs_packet *packet, struct message *message);
void aprs_item_parse(const struct aprs_packet *packet, struct message *message);
void aprs_message_parse(const struct aprs_packet *packet, struct message *message);
/* Would text be heard as text, and not as an acknowledgement, a query or a numbered message? */
bool aprs_text_is_plain(const uint8_t *text, size_t length, bool numbered);
void aprs_status_parse(const struct aprs_packet *packet, struct message *message);
void aprs_query_parse(const struct aprs_packet *packet, struct message *message);
void aprs_query_directed_parse(const uint8_t *text, size_t length, struct message *message);
void aprs_capabilities_parse(const struct aprs_packet *packet, struct message *message);
void aprs_nmea_parse(const struct aprs_packet *packet, struct message *message);
void aprs_grid_parse(const struct aprs_packet *packet, struct message *message);
void aprs_user_defined_parse(const struct aprs_packet *packet, struct message *message);
void aprs_test_data_parse(const struct aprs_packet *packet, struct message *message);
void aprs_third_party_parse(const struct aprs_packet *packet, struct message *message);

/* aprs_symbol.c: the symbol that a generic destination names (GPSMV), chapter 21. */
bool aprs_symbol_from_destination(const char *destination, char symbol[2]);

/* aprs.c: one field, by its data type identifier. */
void aprs_packet_parse(const struct aprs_packet *packet, struct message *message);

#endif
