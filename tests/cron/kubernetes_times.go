// The next times of schedules as Kubernetes has them: lines "zone TAB seconds TAB schedule" in, times in UTC out.
// Its CronJob controller parses with github.com/robfig/cron/v3 (ParseStandard, the zone put before the fields).
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Split(lines.Text(), "\t")
		schedule, err := cron.ParseStandard("TZ=" + words[0] + " " + words[2])
		if err != nil {
			panic(err)
		}
		seconds, _ := strconv.ParseInt(words[1], 10, 64)
		at := time.Unix(seconds, 0)
		for count := 0; count < 4; count++ {
			at = schedule.Next(at)
			fmt.Print(at.UTC().Format("2006-01-02T15:04Z "))
		}
		fmt.Println()
	}
}
