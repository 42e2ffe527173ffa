-- Requests of ./dev bench fhir and readings for wrk: the kind is its argument, then how many patients there are, then the day of a window.
local kind, patients, made, from, to = "read", 1, 0, "", ""
local observation = '{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"%s"},"effectiveDateTime":"2024-03-01T10:00:00Z","valueQuantity":{"value":%d,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}'
local patient = '{"resourceType":"Patient","identifier":[{"system":"urn:bench","value":"new%d-%d"}],"name":[{"family":"Example","given":["Ada"]}],"gender":"female","birthDate":"1957-02-03"}'

function init(words)
    kind, patients, from, to = words[1] or kind, tonumber(words[2] or 1), words[3], words[4]
    math.randomseed(os.time() + tonumber(tostring(wrk.thread):match("0x(%x+)") or "1", 16) % 100000)
    wrk.headers["content-type"] = "application/fhir+json"
    wrk.headers["prefer"] = "return=minimal"
end

local function somebody() return "Patient/p" .. math.random(1, patients) end

local function day() return "Observation?code=8867-4&patient=p" .. math.random(1, patients) .. "&date=ge" .. from .. "&date=lt" .. to end

local queries = {
    lastn = function() return "Observation/$lastn?category=vital-signs&patient=p" .. math.random(1, patients) end,
    day = function() return day() .. "&_count=100" end,
    day_1000 = function() return day() .. "&_count=1000" end,
    day_count = function() return day() .. "&_summary=count" end,
    newest = function() return "Observation?code=8867-4&_sort=-date" end,
    value = function() return "Observation?code=8867-4&value-quantity=gt90&_sort=-date" end,
    no_value = function() return "Observation?code=8867-4&value-quantity=gt300" end,
    token = function() return "Patient?identifier=urn:bench|" .. math.random(1, patients) end,
    name = function() return "Patient?family=family" .. math.random(1, patients) end,
    date = function() return "Observation?patient=p" .. math.random(1, patients) .. "&date=ge2024-03-02&date=lt2024-03-04" end,
    chained = function() return "Observation?patient.identifier=urn:bench|" .. math.random(1, patients) .. "&code=8867-4" end,
    include = function() return "Observation?patient=p" .. math.random(1, patients) .. "&code=8867-4&_sort=-date&_include=Observation:subject" end,
}

function request()
    made = made + 1
    if kind == "read" then return wrk.format("GET", "/fhir/" .. somebody()) end
    if kind == "create" then return wrk.format("POST", "/fhir/Observation", nil, observation:format(somebody(), made % 100)) end
    if kind == "transaction" then
        return wrk.format("POST", "/fhir", nil, '{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1","resource":' ..
            patient:format(math.random(1, 1000000000), made) .. ',"request":{"method":"POST","url":"Patient"}},{"resource":' ..
            observation:format("urn:uuid:1", made % 100) .. ',"request":{"method":"POST","url":"Observation"}}]}')
    end
    return wrk.format("GET", "/fhir/" .. queries[kind]())
end

local wrong = 0
function response(status) if status >= 300 then wrong = wrong + 1 end end

-- One line for the program that reads: requests, seconds, p50 and p99 in microseconds, wrong answers (wrk counts those itself).
function done(summary, latency)
    io.write(string.format("RESULT %d %f %f %f %d\n", summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
        summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
