/* SPDX-License-Identifier: Apache-2.0 */
/* Weather and telemetry (chapters 12 and 13). */
#include "test_aprs_describe.h"

static const struct example examples[] = {
    {"APZATA", "_10090556c220s004g005t077r000p000P000h50b09900wRSW",
     "weather time=10/9 5:56:-1 weather.wind_direction_deg=220 weather.wind_speed_m_s=1.788 "
     "weather.wind_gust_m_s=2.235 weather.temperature_c=25 weather.rain_1h_mm=0 weather.rain_24h_mm=0 "
     "weather.rain_midnight_mm=0 weather.humidity_percent=50 weather.pressure_hpa=990 weather.software=wRSW"},
    {"APZATA", "_10090556c...s...g...t...P012Jim",
     "weather time=10/9 5:56:-1 weather.rain_midnight_mm=3.048 weather.software=Jim"},
    {"APZATA", "!3213.50N/07201.75W_220/004g005t077r000p000P000h50b.....wRSW",
     "weather 32.22500,-72.02917+-9.26 messaging=no format=uncompressed symbol=/_ position_ambiguity=0 "
     "resolution_m=18.52 weather.wind_direction_deg=220 weather.wind_speed_m_s=1.788 "
     "weather.wind_gust_m_s=2.235 weather.temperature_c=25 weather.rain_1h_mm=0 weather.rain_24h_mm=0 "
     "weather.rain_midnight_mm=0 weather.humidity_percent=50 weather.software=wRSW"},
    {"APZATA", "=/5L!!<*e7_7P[g005t077r000p000P000h50b09900wRSW",
     "weather 49.50000,-72.75000+-0.146 88deg 36.23kn messaging=yes gps_fix=yes format=compressed symbol=/_ "
     "resolution_m=0.291 weather.wind_direction_deg=88 weather.wind_speed_m_s=18.64 "
     "weather.wind_gust_m_s=2.235 weather.temperature_c=25 weather.rain_1h_mm=0 weather.rain_24h_mm=0 "
     "weather.rain_midnight_mm=0 weather.humidity_percent=50 weather.pressure_hpa=990 weather.software=wRSW"},
    {"APZATA", ";DUST     *092345z3213.50N/07201.75W_220/004g005b0990",
     "object 32.22500,-72.02917+-9.26 time=-1/9 23:45:-1 object=DUST alive=yes format=uncompressed symbol=/_ "
     "position_ambiguity=0 resolution_m=18.52 weather.wind_direction_deg=220 weather.wind_speed_m_s=1.788 "
     "weather.wind_gust_m_s=2.235 weather.pressure_hpa=99"},
    {"APZATA", ";DUST     *092345z3213.50N/07202.75W@088/036/HC/150^200/0980>090&030%040",
     "object 32.22500,-72.04583+-9.26 88deg 36kn time=-1/9 23:45:-1 object=DUST alive=yes "
     "format=uncompressed symbol=/@ position_ambiguity=0 resolution_m=18.52 storm.type=HC "
     "storm.wind_speed_m_s=77.17 storm.wind_gust_m_s=102.9 storm.pressure_hpa=980 "
     "storm.radius_hurricane_km=166.7 storm.radius_storm_km=55.56 storm.radius_gale_km=74.08"},
    {"APZATA", "!3213.50N/07201.75W_.../...g...t...r...p...P...h..b.....s0.5l123",
     "weather 32.22500,-72.02917+-9.26 messaging=no format=uncompressed symbol=/_ position_ambiguity=0 "
     "resolution_m=18.52 weather.snow_24h_mm=12.7 weather.luminosity_w_m2=1123"},
    {"APZATA", "#50B7500820082", "weather weather.raw=#50B7500820082"},
    {"APZATA", "T#005,199,000,255,073,123,01101001",
     "telemetry telemetry.sequence=5 telemetry.analog[]=199 telemetry.analog[]=0 telemetry.analog[]=255 "
     "telemetry.analog[]=73 telemetry.analog[]=123 telemetry.digital=01101001"},
    {"APZATA", "T#MIC199,000,255,073,123,01101001",
     "telemetry telemetry.analog[]=199 telemetry.analog[]=0 telemetry.analog[]=255 telemetry.analog[]=73 "
     "telemetry.analog[]=123 telemetry.digital=01101001"},
    {"APZATA", "T#151,45.7,2.3,190.0,91.0,-7.3,00001100",
     "telemetry telemetry.sequence=151 telemetry.analog[]=45.7 telemetry.analog[]=2.3 telemetry.analog[]=190 "
     "telemetry.analog[]=91 telemetry.analog[]=-7.3 telemetry.digital=00001100"},
    {"APZATA", "T#1,-1,2147483647,-2147483648,0.000001,-0.0000001,01000001 comment",
     "telemetry telemetry.sequence=1 telemetry.analog[]=-1 telemetry.analog[]=2.147e+09 "
     "telemetry.analog[]=-2.147e+09 telemetry.analog[]=1e-06 telemetry.analog[]=-1e-07 "
     "telemetry.digital=01000001 comment=comment"},
    {"APZATA", "T#1,1,,3,,5",
     "telemetry telemetry.sequence=1 telemetry.analog[]=1 telemetry.analog[]=3 telemetry.analog[]=5 "
     "telemetry.channel[]=1 telemetry.channel[]=3 telemetry.channel[]=5"},
    {"APZATA", "T#1,1,-,3",
     "telemetry BROKEN telemetry.sequence=1 fault=telemetry_invalid fault_detail=value"},
    {"APZATA", "!3213.50N/07201.75W-hello|ss1122334455!\"|",
     "position 32.22500,-72.02917+-9.26 messaging=no format=uncompressed symbol=/- position_ambiguity=0 "
     "resolution_m=18.52 telemetry.sequence=7544 telemetry.analog[]=1472 telemetry.analog[]=1564 "
     "telemetry.analog[]=1656 telemetry.analog[]=1748 telemetry.analog[]=1840 telemetry.digital=10000000 "
     "comment=hello"},
    {"APZATA", "_10092359c180s001g002t033h98Ks010L500",
     "weather time=10/9 23:59:-1 weather.wind_direction_deg=180 weather.wind_speed_m_s=0.447 "
     "weather.wind_gust_m_s=0.8941 weather.temperature_c=0.5556 weather.humidity_percent=98 "
     "weather.snow_24h_mm=254 weather.luminosity_w_m2=500 weather.software=K"},
    {"APZATA", "$ULTW0010008002BC00C8279C00010000000001F4015A03430010000C",
     "weather weather.wind_gust_m_s=0.4444 weather.wind_direction_deg=180.7 weather.temperature_c=21.11 "
     "weather.pressure_hpa=1014 weather.humidity_percent=50 weather.rain_midnight_mm=4.064 "
     "weather.wind_speed_m_s=0.3333"},
    {"APZATA", "!!00640040----00002710028A02580190015803430010--",
     "weather messaging=no weather.wind_speed_m_s=2.778 weather.wind_direction_deg=90.35 "
     "weather.pressure_hpa=1000 weather.temperature_inside_c=18.33 weather.humidity_percent=60 "
     "weather.humidity_inside_percent=40 weather.rain_midnight_mm=4.064"},
    {"APZATA", "!3213.50N/11201.75W_Home of N0CALL",
     "position 32.22500,-112.02917+-9.26 messaging=no format=uncompressed symbol=/_ position_ambiguity=0 "
     "resolution_m=18.52 comment=Home of N0CALL"},
    {"APZATA", "=3213.50N/11201.75W_...\057...g   t033P002",
     "weather 32.22500,-112.02917+-9.26 messaging=yes format=uncompressed symbol=/_ position_ambiguity=0 "
     "resolution_m=18.52 weather.temperature_c=0.5556 weather.rain_midnight_mm=0.508"},
};

static void every_figure_means_what_its_clause_says(void **state)
{
    (void)state;
    examples_check(examples, sizeof examples / sizeof *examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_figure_means_what_its_clause_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
