/* SPDX-License-Identifier: Apache-2.0 */
/* The APRS encoder: a bounded writer and one function a format. */
#ifndef ATALAYA_PROTOCOL_AX25_APRS_OUT_H
#define ATALAYA_PROTOCOL_AX25_APRS_OUT_H

#include <stdbool.h>

#include "aprs_parts.h"

/* Bytes on their way out. full: something did not fit; bad: something cannot be sent. Either makes the result
 * worthless. */
struct aprs_out {
    uint8_t *bytes;
    size_t max, length;
    bool full, bad;
};

void aprs_put_char(struct aprs_out *out, char c);
void aprs_put_bytes(struct aprs_out *out, const void *bytes, size_t length);
void aprs_put_string(struct aprs_out *out, const char *text);
/* Decimal digits with leading zeros up to width. */
void aprs_put_unsigned(struct aprs_out *out, unsigned long value, unsigned width);
/* n characters, most significant first; false if value needs more. */
bool aprs_put_base91(struct aprs_out *out, long value, unsigned n);
/* Shortest decimal form with at most `decimals` behind the point. */
void aprs_put_decimal(struct aprs_out *out, double value, unsigned decimals);
/* Text of a person: a control character in it could end or fake a line elsewhere, and is bad. */
void aprs_put_text(struct aprs_out *out, const char *text, size_t length);
/* A text field, if there; returns whether. */
bool aprs_put_field(struct aprs_out *out, const struct message *message, const char *name);
/* At most n bytes of text, padded with spaces. */
void aprs_put_padded(struct aprs_out *out, const char *text, size_t length, size_t n);

/* Number of an integer or real field, NaN of others. */
double aprs_field_number(const struct field *field);
/* Rounds a value that must lie in 0..limit; false if it does not (or is unknown). */
bool aprs_round(double value, long limit, long *rounded);

/* Timestamp of chapter 6 from what is known of time; false: too little is known. */
bool aprs_put_time(struct aprs_out *out, const struct partial_time *time);
bool aprs_time_is_known(const struct partial_time *time);

/* All: E_ARGUMENT when a needed part is missing, E_RANGE when a value does not fit. */
enum atalaya_result aprs_put_location(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_compressed(struct aprs_out *out, const struct message *message);
/* Place and all that follows: extension or weather, comment. */
enum atalaya_result aprs_put_report(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_extension(struct aprs_out *out, const struct message *message);
/* Comment, altitude unless already sent, telemetry, !DAO!. */
enum atalaya_result aprs_put_comment(struct aprs_out *out, const struct message *message, bool altitude);
enum atalaya_result aprs_put_comment_telemetry(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_dao(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_mic_e(struct aprs_out *out, const struct message *message, char destination[10]);
enum atalaya_result aprs_put_weather(struct aprs_out *out, const struct message *message, bool wind);
enum atalaya_result aprs_put_positionless(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_position(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_object(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_message(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_status(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_telemetry(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_query(struct aprs_out *out, const struct message *message);
enum atalaya_result aprs_put_other(struct aprs_out *out, const struct message *message);

/* What is to be split between coarse digits and !DAO!: hundredths of minutes of the magnitude, and the rest
 * in units of 0.01', 0 <= rest < 1. Without !DAO! hundredths are rounded and rest is 0. */
struct aprs_angle {
    unsigned degrees, hundredths;
    double rest;
    bool negative;
};
enum aprs_dao { APRS_DAO_NONE, APRS_DAO_DATUM, APRS_DAO_DIGITS, APRS_DAO_BASE91 };
enum aprs_dao aprs_dao_kind(const struct message *message);
struct aprs_angle aprs_angle_split(double degrees, enum aprs_dao dao, unsigned ambiguity);

#endif
