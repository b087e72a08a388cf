"""Tests of dailypapers, and the paper site they run against."""
