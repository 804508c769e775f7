"""Alarms that silence sets off: what has not reported is not well."""


def test_a_sweeper_that_has_not_reported_for_five_minutes_calls_somebody(sandbox):
    alarms = {
        alarm["MetricName"]: alarm
        for _, alarm in sandbox.properties("AWS::CloudWatch::Alarm")
        if alarm.get("Namespace") == "Chepai"
    }
    silent = alarms["Swept"]
    assert (silent["Period"], silent["EvaluationPeriods"]) == (300, 1)
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1)
    assert silent["TreatMissingData"] == "breaching"
    assert silent["AlarmActions"]
    stuck = alarms["Stuck"]
    assert (stuck["ComparisonOperator"], stuck["Threshold"]) == ("GreaterThanThreshold", 0)
    assert stuck["TreatMissingData"] == "notBreaching"
