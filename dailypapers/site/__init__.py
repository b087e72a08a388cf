"""The listing as a site made of files: pages of days, papers and states, which need no server and no third party.

<out>/index.html                      the newest day of the first series
<out>/<series>/<day>.html             a day, week or month; `<day>-2.html` and so on if it has many papers
<out>/<series>/index.html             the newest of them; `trending.html` for the trending papers
<out>/paper/<id>.html                 a paper: where and when it was listed, and its upvotes over time
<out>/calendar.html, calendar/<year>.html   every day by state, and what changed at the site
<out>/search.html, search/<quarter>/  the search, which runs in the browser
<out>/data/<series>/<day>.jsonl, .day.json  the day file and the certificate as they are in the store
<out>/.made.json                     the manifest
"""
