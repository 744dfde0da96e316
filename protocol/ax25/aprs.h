/* SPDX-License-Identifier: Apache-2.0 */
/* APRS 1.2: the meaning of an AX.25 information field, and the way back. Pure: any thread, no state.
 *
 * The clauses named in the sources are chapters of "APRS Protocol Reference, Protocol Version 1.2".
 *
 * Fields that aprs_parse adds (and aprs_compose reads); SI units; unknown = absent:
 *   fault, fault_detail                 contents break the specification (well_formed is false); stable words
 *   format                              uncompressed, compressed, mic-e, nmea, maidenhead: how the position
 * came symbol                              two characters, table (or overlay) and code: "/>" messaging
 * boolean: the station can receive messages comment, status, text, beacon       what a person wrote; beacon:
 * text of a packet that is not APRS message_id, ack_id, reject_id, reply_ack   numbers of messages (chapter
 * 14); reply_ack "" = capable of it bulletin_id, bulletin_group         of a bulletin or announcement object,
 * item, alive                 name without trailing spaces (chapter 11) position_ambiguity digits left out, 0
 * to 4; resolution_m: size of the last digit sent dao_datum                           datum letter of !DAO!;
 * dao_base91 boolean: how it was coded gps_fix                             boolean, where the sender tells
 *   maidenhead                          grid locator that the position was made from
 *   mic_e_message                       emergency, in service, ..., custom-0 to custom-6, unknown
 *   mic_e_bits                          three characters: 0, 1 (standard) or 2 (custom)
 *   mic_e_mangled                       boolean: a space lost on the way was put back, no course or speed
 *   radio                               maker and model, from the Mic-E type code
 *   phg, dfs                            digits of the extension (chapter 7); range_km
 *   df_bearing_deg, df_hits, df_range_km, df_quality               DF report (chapter 7)
 *   area_type, area_color, area_lat_offset_deg, area_lon_offset_deg  area object (chapter 11)
 *   storm.type, storm.wind_speed_m_s, storm.wind_gust_m_s, storm.pressure_hpa,
 *   storm.radius_hurricane_km, storm.radius_storm_km, storm.radius_gale_km     (chapter 12)
 *   telemetry.sequence, telemetry.analog (elements), telemetry.digital (text of 0 and 1, channel 1 first)
 *   telemetry.channel (elements)        channel of each analog value, only where they are not 1, 2, 3, ...
 *   telemetry.names, telemetry.units, telemetry.equations (elements), telemetry.bit_sense, telemetry.project
 *   weather.temperature_c, weather.temperature_inside_c, weather.humidity_percent,
 *   weather.humidity_inside_percent, weather.wind_direction_deg, weather.wind_speed_m_s,
 *   weather.wind_gust_m_s, weather.rain_1h_mm, weather.rain_24h_mm, weather.rain_midnight_mm,
 *   weather.pressure_hpa, weather.luminosity_w_m2, weather.snow_24h_mm, weather.rain_counter,
 *   weather.software, weather.raw
 *   beam_heading_deg, erp_w             status for meteor scatter (chapter 16)
 *   query, query_argument, query_lat_deg, query_lon_deg, query_range_km        (chapter 15)
 *   capabilities (elements)             TOKEN or TOKEN=VALUE
 *   user_id, user_type, user_data       user-defined packet (chapter 19)
 *   third_party_source, third_party_destination, gated_by          (chapter 17)
 */
#ifndef ATALAYA_PROTOCOL_AX25_APRS_H
#define ATALAYA_PROTOCOL_AX25_APRS_H

#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/message.h"
#include "atalaya/result.h"

enum { APRS_INFO_MAX = 1024 }; /* longest information field understood */

/* destination: text of the AX.25 destination, "APZATA" or "S32UVT-2" (Mic-E keeps half of the position
 * there). info [size: length]. message: unit is set; kind, to, position, distress, well_formed and fields are
 * added. For third-party traffic unit becomes the inner source. ATALAYA_OK for any field of 1 to
 * APRS_INFO_MAX bytes, ATALAYA_E_LENGTH otherwise. */
enum atalaya_result aprs_parse(const char *destination, const uint8_t *info, size_t length,
                               struct message *message);

/* Writes the information field of message into info [size: max]. destination is overwritten where the format
 * needs it (Mic-E). E_UNSUPPORTED: APRS cannot say this kind; E_ARGUMENT: something that the format needs is
 * missing; E_RANGE: a value does not fit; E_FULL: max is too small. */
enum atalaya_result aprs_compose(const struct message *message, char destination[10], uint8_t *info,
                                 size_t max, size_t *length);

#endif
